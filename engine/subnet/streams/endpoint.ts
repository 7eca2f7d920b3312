// Connections between a console and a host of another tab: message ports over the subnet. An endpoint is what Comlink calls
// one (postMessage, addEventListener, start), so a remote host is controlled in the same way as one of this tab, and a
// second connection carries the host's events.
//
// Invariants: messages of a connection arrive in order; they wait until `start`; `closed` settles exactly once, when either
// end closes, when the host does not offer the service, or when the other node is certainly gone. One that is merely silent
// may go on, and the connection with it. What is posted after `closed` is dropped. Transferables are copied: a MessagePort
// cannot cross the subnet.

import { fields, identifier, shortened, text } from '../../base/decode.ts';
import { deferred } from '../../base/deferred.ts';
import type { MessageKind, Subnet } from '../carrier/subnet.ts';
import type { Presence } from '../presence/presence.ts';

const OPEN: MessageKind<{ connection: string; service: string }> = {
  name: 'endpoint-open',
  decode(value) {
    const { connection, service } = fields(value);
    return { connection: identifier(connection, 'connection'), service: identifier(service, 'service') };
  },
};

const DATA: MessageKind<{ connection: string; payload: unknown }> = {
  name: 'endpoint-data',
  decode(value) {
    const { connection, payload } = fields(value);
    return { connection: identifier(connection, 'connection'), payload };
  },
};

const CLOSE: MessageKind<{ connection: string; reason: string }> = {
  name: 'endpoint-close',
  decode(value) {
    const { connection, reason } = fields(value);
    return { connection: identifier(connection, 'connection'), reason: text(reason, 'reason') };
  },
};

/** One end of a connection. 'message' events carry the payload in `data`, as a MessagePort's do. */
export class SubnetEndpoint extends EventTarget {
  readonly peer: string;
  /** Resolves with a user-facing reason when the connection is over. Calls that wait for an answer then never settle. */
  readonly closed: Promise<string>;
  readonly #post: (payload: unknown) => void;
  readonly #hangUp: (reason: string) => void;
  readonly #settle: (reason: string) => void;
  #waiting: unknown[] | undefined = [];
  #over = false;

  constructor(peer: string, post: (payload: unknown) => void, hangUp: (reason: string) => void) {
    super();
    this.peer = peer;
    this.#post = post;
    this.#hangUp = hangUp;
    const { promise, resolve } = deferred<string>();
    this.closed = promise;
    this.#settle = resolve;
  }

  postMessage(message: unknown): void {
    if (!this.#over) this.#post(message);
  }

  start(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const payload of waiting) this.#dispatch(payload);
  }

  close(reason = 'The connection was closed.'): void {
    if (this.#over) return;
    this.#hangUp(reason);
    this.finish(reason);
  }

  /** For the hub: a message arrived. */
  deliver(payload: unknown): void {
    if (this.#waiting) this.#waiting.push(payload);
    else this.#dispatch(payload);
  }

  /** For the hub: the other end is gone. */
  finish(reason: string): void {
    this.#over = true;
    this.#settle(reason);
  }

  #dispatch(payload: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: payload }));
  }
}

/** All connections of one node. */
export class EndpointHub {
  readonly #subnet: Subnet;
  readonly #services = new Map<string, (endpoint: SubnetEndpoint) => void>();
  readonly #connections = new Map<string, SubnetEndpoint>();
  readonly #undo: (() => void)[];
  #opened = 0;

  constructor(subnet: Subnet, presence: Presence) {
    this.#subnet = subnet;
    this.#undo = [
      subnet.on(OPEN, (from, { connection, service }) => this.#accept(from, connection, service)),
      subnet.on(DATA, (from, { connection, payload }) =>
        this.#connections.get(key(from, connection))?.deliver(payload),
      ),
      subnet.on(CLOSE, (from, { connection, reason }) => this.#finish(key(from, connection), reason)),
      presence.onGone(({ id, certain, reason }) => {
        if (!certain) return;
        for (const [name, endpoint] of this.#connections) if (endpoint.peer === id) this.#finish(name, reason);
      }),
    ];
  }

  /** Offers a service to other nodes: `onConnect` gets an endpoint for each connection, and starts it. */
  serve(service: string, onConnect: (endpoint: SubnetEndpoint) => void): void {
    this.#services.set(service, onConnect);
  }

  connect(peer: string, service: string): SubnetEndpoint {
    this.#opened += 1;
    const connection = `${this.#subnet.nodeId}#${this.#opened}`;
    const endpoint = this.#open(peer, connection);
    this.#subnet.send(peer, OPEN, { connection, service });
    return endpoint;
  }

  close(): void {
    for (const endpoint of [...this.#connections.values()]) endpoint.close();
    for (const undo of this.#undo) undo();
  }

  #open(peer: string, connection: string): SubnetEndpoint {
    const name = key(peer, connection);
    const endpoint = new SubnetEndpoint(
      peer,
      (payload) => this.#subnet.send(peer, DATA, { connection, payload }),
      (reason) => {
        this.#connections.delete(name);
        this.#subnet.send(peer, CLOSE, { connection, reason: shortened(reason) });
      },
    );
    this.#connections.set(name, endpoint);
    return endpoint;
  }

  #accept(from: string, connection: string, service: string): void {
    if (this.#connections.has(key(from, connection))) return;
    const onConnect = this.#services.get(service);
    if (onConnect) onConnect(this.#open(from, connection));
    else this.#subnet.send(from, CLOSE, { connection, reason: `${this.#subnet.nodeId} does not offer ${service}.` });
  }

  #finish(name: string, reason: string): void {
    const endpoint = this.#connections.get(name);
    this.#connections.delete(name);
    endpoint?.finish(reason);
  }
}

function key(peer: string, connection: string): string {
  return `${peer} ${connection}`;
}
