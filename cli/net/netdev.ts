// What a network card is connected to: another Ethernet at the other end of sockets, as QEMU's -netdev socket, stream and dgram have it. Only
// parsing; link.ts opens them.

import { parseProperties } from '../common/properties.ts';
import { UsageError } from '../common/usage-error.ts';

export type SocketAddress = { host: string; port: number } | { path: string };

export type NetdevKind =
  /** Takes one connection at a time. */
  | { kind: 'listen'; at: SocketAddress }
  | { kind: 'connect'; to: SocketAddress }
  /** One frame a datagram. To a multicast address: to all that have joined it. */
  | { kind: 'datagrams'; local: InternetAddress; remote: InternetAddress };

interface InternetAddress {
  host: string;
  port: number;
}

export type Netdev = { id: string } & NetdevKind;

const KINDS = 'socket, stream, dgram';

/** -netdev. Throws UsageError. */
export function parseNetdev(value: string): Netdev {
  const [kind, ...rest] = value.split(',');
  const { id, ...properties } = parseProperties('-netdev', rest);
  if (!id) throw new UsageError(`-netdev ${value}: id= is missing`);
  return { id, ...netdevKind(`-netdev ${value}`, kind, properties) };
}

/** @param option as given, for messages. Throws UsageError. */
export function netdevKind(option: string, kind: string, properties: Record<string, string>): NetdevKind {
  const take = new Properties(option, properties);
  const found =
    kind === 'socket'
      ? socket(take)
      : kind === 'stream'
        ? stream(take)
        : kind === 'dgram'
          ? datagrams(take)
          : undefined;
  if (!found) throw new UsageError(`${option}: "${kind}" is not possible here (there are ${KINDS})`);
  take.checkAllTaken();
  return found;
}

class Properties {
  readonly option: string;
  readonly #left: Map<string, string>;

  constructor(option: string, properties: Record<string, string>) {
    this.option = option;
    this.#left = new Map(Object.entries(properties));
  }

  take(name: string): string | undefined {
    const value = this.#left.get(name);
    this.#left.delete(name);
    return value;
  }

  checkAllTaken(): void {
    const [name] = this.#left.keys();
    if (name !== undefined) throw new UsageError(`${this.option}: unknown property "${name}"`);
  }

  fail(message: string): never {
    throw new UsageError(`${this.option}: ${message}`);
  }
}

function socket(take: Properties): NetdevKind {
  const [listen, connect, mcast, udp] = ['listen', 'connect', 'mcast', 'udp'].map((name) => take.take(name));
  const local = take.take('localaddr');
  if ([listen, connect, mcast, udp].filter((one) => one !== undefined).length !== 1)
    take.fail('exactly one of listen=, connect=, mcast= or udp= is needed');
  if (listen !== undefined) return { kind: 'listen', at: hostAndPort(take, listen) };
  if (connect !== undefined) return { kind: 'connect', to: hostAndPort(take, connect) };
  if (mcast !== undefined) {
    const group = hostAndPort(take, mcast);
    return { kind: 'datagrams', remote: group, local: { host: local ?? '0.0.0.0', port: group.port } };
  }
  if (local === undefined) take.fail('localaddr= is needed with udp=');
  return { kind: 'datagrams', remote: hostAndPort(take, udp ?? ''), local: hostAndPort(take, local) };
}

function stream(take: Properties): NetdevKind {
  const server = take.take('server') ?? 'off';
  if (server !== 'on' && server !== 'off') take.fail('server= is on or off');
  const address = typedAddress(take, 'addr');
  return server === 'on' ? { kind: 'listen', at: address } : { kind: 'connect', to: address };
}

function datagrams(take: Properties): NetdevKind {
  const local = internet(take, 'local');
  return { kind: 'datagrams', local, remote: internet(take, 'remote') };
}

function internet(take: Properties, name: string): InternetAddress {
  const address = typedAddress(take, name);
  return 'path' in address ? take.fail(`${name}.type=unix is not possible with datagrams here`) : address;
}

function typedAddress(take: Properties, name: string): SocketAddress {
  const type = take.take(`${name}.type`);
  if (type === 'unix') return { path: take.take(`${name}.path`) ?? take.fail(`${name}.path= is missing`) };
  if (type !== 'inet') take.fail(`${name}.type= is inet or unix`);
  const host = take.take(`${name}.host`) ?? take.fail(`${name}.host= is missing`);
  return { host, port: portNumber(take, take.take(`${name}.port`) ?? '') };
}

/** "host:port"; no host: every address of this computer. */
function hostAndPort(take: Properties, text: string): InternetAddress {
  const match = /^(.*):([^:]*)$/.exec(text);
  if (!match) return take.fail(`"${text}" is not HOST:PORT`);
  return { host: match[1].replace(/^\[(.*)\]$/, '$1'), port: portNumber(take, match[2]) };
}

function portNumber(take: Properties, text: string): number {
  const port = Number(text);
  return /^\d+$/.test(text) && port <= 0xffff ? port : take.fail(`"${text}" is not a port from 0 to 65535`);
}

/** For the monitor. */
export function netdevText(netdev: NetdevKind): string {
  if (netdev.kind === 'datagrams') return `type=socket,udp=${addressText(netdev.remote)}`;
  return netdev.kind === 'listen'
    ? `type=socket,listening at ${addressText(netdev.at)}`
    : `type=socket,connected to ${addressText(netdev.to)}`;
}

export function addressText(address: SocketAddress): string {
  return 'path' in address ? address.path : `${address.host}:${address.port}`;
}
