// The subnet: the one wire between hosts, and between consoles and hosts of other tabs. A node sends typed, versioned
// envelopes to another node or to all; underneath is a port that reaches every node that has opened the same channel name (a
// BroadcastChannel, in browsers and in Node).
//
// Invariants:
// - What arrives is validated before it is passed on. Something foreign or malformed is counted, reported once per cause and
//   sender as a problem for the record only (`quiet`), and dropped; it never throws.
// - The port delivers in order between two nodes that live. Nothing more is guaranteed: a node may vanish at any moment.
// - Bulk traffic goes over private channels (`privateChannel`), since every opener of a channel pays for each message on it.

import { DecodeError, type Decoder, fields, identifier } from '../../base/decode.ts';

export interface SubnetPort {
  /** Structured-clones the message to every other opener of the channel. Throws if it cannot be cloned. */
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  close(): void;
}

export type OpenPort = (channel: string) => SubnetPort;

/** One kind of message: its name on the wire and the decoder that validates its body. */
export interface MessageKind<Body> {
  readonly name: string;
  readonly decode: Decoder<Body>;
}

export interface SubnetProblem {
  title: string;
  detail: string;
  /** For the record only: it requires no action by the user. */
  quiet?: boolean;
}

export interface SubnetOptions {
  /** This node's address; unique on the subnet among all nodes alive. */
  nodeId: string;
  openPort: OpenPort;
  /** Hosts on different channels do not see each other. */
  channel?: string;
  onProblem?: (problem: SubnetProblem) => void;
}

const MAGIC = 'tabvisor-subnet';
const VERSION = 1;
const EVERYONE = '*';
/** Senders can be invented: so many problems are reported, all are counted. */
const MAXIMUM_REPORTS = 64;

interface Envelope {
  from: string;
  to: string;
  kind: string;
  body: unknown;
}

interface Subscription {
  decode: Decoder<unknown>;
  handle: (from: string, body: unknown) => void;
}

export class Subnet {
  readonly nodeId: string;
  readonly #options: SubnetOptions;
  readonly #channel: string;
  readonly #port: SubnetPort;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #heard = new Set<(from: string) => void>();
  readonly #rejected = new Map<string, number>();
  readonly #reported = new Set<string>();
  #closed = false;

  constructor(options: SubnetOptions) {
    this.nodeId = options.nodeId;
    this.#options = options;
    this.#channel = options.channel ?? 'tabvisor';
    this.#port = options.openPort(this.#channel);
    this.#port.onMessage((message) => this.#receive(message));
  }

  /** Messages dropped so far, by cause. */
  get rejected(): ReadonlyMap<string, number> {
    return this.#rejected;
  }

  /** @throws DataCloneError if the body cannot be structured-cloned. After `close` it does nothing. */
  send<Body>(to: string, kind: MessageKind<Body>, body: Body): void {
    this.#post(to, kind.name, body);
  }

  broadcast<Body>(kind: MessageKind<Body>, body: Body): void {
    this.#post(EVERYONE, kind.name, body);
  }

  /** One handler for each kind. Returns the function that unsubscribes. */
  on<Body>(kind: MessageKind<Body>, handler: (from: string, body: Body) => void): () => void {
    if (this.#subscriptions.has(kind.name)) throw new Error(`Messages of kind ${kind.name} already have a handler`);
    const subscription: Subscription = { decode: kind.decode, handle: (from, body) => handler(from, body as Body) };
    this.#subscriptions.set(kind.name, subscription);
    return () => {
      if (this.#subscriptions.get(kind.name) === subscription) this.#subscriptions.delete(kind.name);
    };
  }

  /** Called for every well-formed envelope from another node, private channels included: a sign of life. */
  onHeard(listener: (from: string) => void): () => void {
    this.#heard.add(listener);
    return () => this.#heard.delete(listener);
  }

  /** The same node on a channel of its own, for traffic that only two nodes should pay for. The opener closes it. */
  privateChannel(name: string): Subnet {
    const subnet = new Subnet({ ...this.#options, channel: `${this.#channel}/${name}` });
    subnet.onHeard((from) => this.#signOfLife(from));
    return subnet;
  }

  /** Reports something that this node noticed about the subnet, once for each title. */
  reportProblem(title: string, detail: string): void {
    this.#report({ title, detail }, title);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#port.close();
  }

  /** Once for each cause and sender. */
  #reportDropped(title: string, detail: string, from: string): void {
    this.#report({ title, detail, quiet: true }, `${title} ${from}`);
  }

  #report(problem: SubnetProblem, key: string): void {
    this.#rejected.set(problem.title, (this.#rejected.get(problem.title) ?? 0) + 1);
    if (this.#reported.has(key) || this.#reported.size >= MAXIMUM_REPORTS) return;
    this.#reported.add(key);
    this.#options.onProblem?.(problem);
  }

  #post(to: string, kind: string, body: unknown): void {
    if (this.#closed) return;
    this.#port.post({ magic: MAGIC, version: VERSION, from: this.nodeId, to, kind, body });
  }

  #receive(message: unknown): void {
    if (this.#closed) return;
    const envelope = this.#validate(message);
    if (!envelope) return;
    this.#signOfLife(envelope.from);
    if (envelope.to !== this.nodeId && envelope.to !== EVERYONE) return;
    const subscription = this.#subscriptions.get(envelope.kind);
    // Consoles and hosts listen to different kinds, so a broadcast of another kind is no problem.
    if (!subscription) return;
    let body: unknown;
    try {
      body = subscription.decode(envelope.body);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#reportDropped(
        `Malformed "${envelope.kind}" message on the subnet`,
        `A message from ${envelope.from} was dropped: ${error.message}.`,
        envelope.from,
      );
      return;
    }
    subscription.handle(envelope.from, body);
  }

  #validate(message: unknown): Envelope | undefined {
    try {
      const { magic, version, from, to, kind, body } = fields(message);
      if (magic !== MAGIC) throw new DecodeError('it does not bear the subnet’s mark');
      if (version !== VERSION) {
        this.reportProblem(
          'Another version of tabvisor is on the subnet',
          `It speaks version ${String(version)}, this tab version ${VERSION}. Reload the older tab.`,
        );
        return undefined;
      }
      const envelope = {
        from: identifier(from, 'from'),
        to: identifier(to, 'to'),
        kind: identifier(kind, 'kind'),
        body,
      };
      if (envelope.from === this.nodeId) {
        this.reportProblem(
          'Two nodes of the subnet have the same id',
          `A message came from ${this.nodeId}, which is this node’s own id. Close one of the two tabs.`,
        );
        return undefined;
      }
      return envelope;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#reportDropped('Foreign message on the subnet', `A message was dropped: ${error.message}.`, '');
      return undefined;
    }
  }

  #signOfLife(from: string): void {
    for (const listener of this.#heard) listener(from);
  }
}

/** A port over a BroadcastChannel. In Node it keeps the process alive until it is closed. */
export const openBroadcastPort: OpenPort = (name) => {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    onMessage(listener) {
      channel.onmessage = (event: MessageEvent) => listener(event.data);
      // Something that cannot be deserialised here: handed on, to be counted as foreign.
      channel.onmessageerror = () => listener(undefined);
    },
    close: () => channel.close(),
  };
};
