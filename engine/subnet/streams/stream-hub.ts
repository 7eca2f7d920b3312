// Opens and accepts the streams of one node. The opener chooses a private channel and asks the peer, on the subnet, to join
// it there; the peer's answer on the private channel shows that it has joined.

import { fields, identifier } from '../../base/decode.ts';
import { every, type Timebase } from '../../base/timebase.ts';
import type { Carrier } from '../carrier/carrier.ts';
import type { MessageKind, Subnet } from '../carrier/subnet.ts';
import { Stream, StreamError } from './stream.ts';

const OPEN_RETRY_MS = 250;
const OPEN_TIMEOUT_MS = 5_000;

const OPEN: MessageKind<{ stream: string; service: string }> = {
  name: 'stream-open',
  decode(value) {
    const { stream, service } = fields(value);
    return { stream: identifier(stream, 'stream'), service: identifier(service, 'service') };
  },
};

const ACCEPT: MessageKind<Record<never, never>> = {
  name: 'stream-accept',
  decode(value) {
    fields(value);
    return {};
  },
};

interface Service {
  carrier: Carrier;
  onStream: (stream: Stream) => void;
}

export class StreamHub {
  readonly #subnet: Subnet;
  readonly #timebase: Timebase;
  readonly #services = new Map<string, Service>();
  readonly #accepted = new Map<string, Subnet>();
  readonly #stopListening: () => void;
  #opened = 0;

  constructor(subnet: Subnet, timebase: Timebase) {
    this.#subnet = subnet;
    this.#timebase = timebase;
    this.#stopListening = subnet.on(OPEN, (from, { stream, service }) => this.#accept(from, stream, service));
  }

  /** Accepts streams to `service`. `carrier` is the link that this node's own messages on them go over. */
  serve(service: string, carrier: Carrier, onStream: (stream: Stream) => void): void {
    this.#services.set(service, { carrier, onStream });
  }

  /**
   * Opens a stream to a service of another node.
   * @throws StreamError when the peer does not answer within OPEN_TIMEOUT_MS.
   */
  connect(peer: string, service: string, carrier: Carrier): Promise<Stream> {
    this.#opened += 1;
    const id = `${this.#subnet.nodeId}/${this.#timebase.now()}/${this.#opened}`;
    const channel = this.#subnet.privateChannel(`stream/${id}`);
    return new Promise((resolve, reject) => {
      const ask = () => this.#subnet.send(peer, OPEN, { stream: id, service });
      // Asked again and again: the private channel may not have reached the peer's side when the first answer came.
      const stopAsking = every(this.#timebase, OPEN_RETRY_MS, ask);
      const stopWaiting = channel.on(ACCEPT, (from) => {
        if (from !== peer) return;
        settle();
        resolve(new Stream(peer, channel, this.#timebase, carrier));
      });
      const stopTimeout = this.#timebase.after(OPEN_TIMEOUT_MS, () => {
        settle();
        channel.close();
        reject(new StreamError(`${peer} does not answer.`));
      });
      function settle(): void {
        stopAsking();
        stopTimeout();
        stopWaiting();
      }
      ask();
    });
  }

  /** Stops accepting. Streams that are open go on. */
  close(): void {
    this.#stopListening();
  }

  #accept(from: string, id: string, service: string): void {
    const offered = this.#services.get(service);
    if (!offered) return;
    const known = this.#accepted.get(id);
    if (known) {
      known.send(from, ACCEPT, {});
      return;
    }
    const channel = this.#subnet.privateChannel(`stream/${id}`);
    this.#accepted.set(id, channel);
    const stream = new Stream(from, channel, this.#timebase, offered.carrier);
    void stream.closed.then(() => this.#accepted.delete(id));
    channel.send(from, ACCEPT, {});
    offered.onStream(stream);
  }
}
