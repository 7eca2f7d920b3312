// A subnet between nodes of one test: channels like BroadcastChannel's, of their own. Tests only.

import type { OpenPort } from '../../engine/subnet/carrier/subnet.ts';

type Listener = (message: unknown) => void;

export class TestChannels {
  readonly #openers = new Map<string, Set<{ listener: Listener }>>();

  readonly open: OpenPort = (channel) => {
    const self = { listener: (_message: unknown) => {} };
    const openers = this.#openers.get(channel) ?? new Set();
    this.#openers.set(channel, openers.add(self));
    return {
      post: (message) => {
        for (const other of openers) {
          if (other === self) continue;
          const copy = structuredClone(message);
          setTimeout(() => openers.has(other) && other.listener(copy));
        }
      },
      onMessage: (listener) => {
        self.listener = listener;
      },
      close: () => openers.delete(self),
    };
  };
}
