// A wire for tests, in virtual time: channels like BroadcastChannel's between nodes that can be killed and frozen, and a
// hook at every message.

import { VirtualTime } from '../../base/testing/virtual-time.ts';
import type { Timebase } from '../../base/timebase.ts';
import type { OpenPort } from '../carrier/subnet.ts';

const DELAY_MS = 0.1;

interface Node {
  state: 'alive' | 'frozen' | 'dead';
  /** What happens to it while it is frozen. */
  backlog: (() => void)[];
}

interface Opener {
  node: string;
  listener: (message: unknown) => void;
}

export class TestWire {
  readonly time = new VirtualTime();
  /** Sees every message as it is posted; returning 'drop' loses it. */
  onPost: (from: string, message: unknown, channel: string) => 'drop' | undefined = () => undefined;
  readonly #nodes = new Map<string, Node>();
  readonly #channels = new Map<string, Set<Opener>>();
  readonly #mourners = new Map<string, Set<() => void>>();

  /** The port factory of one node. */
  portsOf(nodeId: string): OpenPort {
    return (name) => {
      const opener: Opener = { node: nodeId, listener: () => {} };
      const openers = this.#channels.get(name) ?? new Set();
      this.#channels.set(name, openers.add(opener));
      return {
        post: (message) => this.#post(nodeId, opener, name, structuredClone(message)),
        onMessage: (listener) => {
          opener.listener = listener;
        },
        close: () => openers.delete(opener),
      };
    };
  }

  /** Time as one node has it: its timers stop with it. */
  timebaseOf(nodeId: string): Timebase {
    return {
      now: () => this.time.now(),
      after: (ms, callback) => {
        let cancelled = false;
        const cancel = this.time.after(ms, () => this.#happen(nodeId, () => cancelled || callback()));
        return () => {
          cancelled = true;
          cancel();
        };
      },
    };
  }

  /** Posts what no node of ours would. */
  inject(message: unknown, channel = 'tabvisor'): void {
    for (const { node, listener } of this.#channels.get(channel) ?? []) this.#happen(node, () => listener(message));
  }

  isAlive(nodeId: string): boolean {
    return this.#node(nodeId).state !== 'dead';
  }

  kill(nodeId: string): void {
    const node = this.#node(nodeId);
    node.state = 'dead';
    node.backlog = [];
    for (const mourner of this.#mourners.get(nodeId) ?? []) this.time.after(DELAY_MS, mourner);
  }

  freeze(nodeId: string): void {
    this.#node(nodeId).state = 'frozen';
  }

  thaw(nodeId: string): void {
    const node = this.#node(nodeId);
    if (node.state !== 'frozen') return;
    node.state = 'alive';
    for (const event of node.backlog.splice(0)) this.time.after(0, () => this.#happen(nodeId, event));
  }

  /** Calls back when the node is killed: what Web Locks report in a browser. */
  onDeath(nodeId: string, callback: () => void): () => void {
    const mourners = this.#mourners.get(nodeId) ?? new Set();
    this.#mourners.set(nodeId, mourners.add(callback));
    return () => mourners.delete(callback);
  }

  #node(nodeId: string): Node {
    const node = this.#nodes.get(nodeId) ?? { state: 'alive', backlog: [] };
    this.#nodes.set(nodeId, node);
    return node;
  }

  #post(from: string, sender: Opener, channel: string, message: unknown): void {
    // Freezing takes hold between tasks: what a frozen node still posts belongs to the task it was in.
    if (this.#node(from).state === 'dead') return;
    if (this.onPost(from, message, channel) === 'drop') return;
    const openers = this.#channels.get(channel)!;
    this.time.after(DELAY_MS, () => {
      for (const opener of [...openers]) {
        if (opener === sender) continue;
        this.#happen(opener.node, () => openers.has(opener) && opener.listener(message));
      }
    });
  }

  #happen(nodeId: string, event: () => void): void {
    const node = this.#node(nodeId);
    if (node.state === 'alive') event();
    else if (node.state === 'frozen') node.backlog.push(event);
  }
}
