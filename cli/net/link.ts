// Opens what a network card is connected to (netdev.ts): frames go out and come in, whatever happens to the other end. As on any Ethernet, a
// frame that finds no room or nobody at the other end is lost.

import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import { macText } from '../../engine/base/mac-address.ts';
import { FrameReader, framed } from './frame-stream.ts';
import { addressText, type Netdev, type SocketAddress } from './netdev.ts';

export interface EthernetLink {
  /** False: the frame is lost. */
  send(frame: Uint8Array): boolean;
  close(): void;
}

export interface LinkListener {
  /** It is in memory of its own. */
  onFrame(frame: Uint8Array<ArrayBuffer>): void;
  /** A line for the user. */
  tell(line: string): void;
}

/** Bytes that the other end has not taken yet. */
const MAXIMUM_UNSENT = 1 << 20;
/** IPv4's 224.0.0.0/4 (RFC 5771). */
const isMulticast = (host: string) => /^(22[4-9]|23\d)\./.test(host);

/** Rejects with an Error for the user. */
export function openLink(netdev: Netdev, listener: LinkListener): Promise<EthernetLink> {
  switch (netdev.kind) {
    case 'listen':
      return listen(netdev.id, netdev.at, listener);
    case 'connect':
      return connected(netdev.id, netdev.to, listener);
    case 'datagrams':
      return datagrams(netdev, listener);
  }
}

async function listen(id: string, at: SocketAddress, listener: LinkListener): Promise<EthernetLink> {
  let peer: Socket | undefined;
  const server: Server = createServer((socket) => {
    // As QEMU's: one at a time, the next when it has gone.
    if (peer) {
      socket.destroy();
      return;
    }
    peer = socket;
    attach(id, socket, listener, () => {
      peer = undefined;
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannot(id, `listen at ${addressText(at)}`, error)));
    server.listen(nodeAddress(at), () => resolve());
  });
  return {
    send: (frame) => peer !== undefined && sendTo(peer, frame),
    close() {
      server.close();
      peer?.destroy();
    },
  };
}

async function connected(id: string, to: SocketAddress, listener: LinkListener): Promise<EthernetLink> {
  const socket = connect(nodeAddress(to));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', (error) => reject(cannot(id, `connect to ${addressText(to)}`, error)));
  });
  attach(id, socket, listener, () => {});
  return { send: (frame) => sendTo(socket, frame), close: () => socket.destroy() };
}

function attach(id: string, socket: Socket, listener: LinkListener, onGone: () => void): void {
  const reader = new FrameReader();
  socket.setNoDelay(true);
  socket.on('data', (bytes: Buffer) => {
    try {
      for (const frame of reader.feed(bytes)) listener.onFrame(frame);
    } catch (error) {
      listener.tell(`The network ${id} got what is no Ethernet (${(error as Error).message}): disconnected.`);
      socket.destroy();
    }
  });
  // It is followed by 'close'.
  socket.on('error', () => {});
  socket.on('close', onGone);
}

function sendTo(socket: Socket, frame: Uint8Array): boolean {
  if (!socket.writable || socket.writableLength > MAXIMUM_UNSENT) return false;
  socket.write(framed(frame));
  return true;
}

async function datagrams(
  { id, local, remote }: Extract<Netdev, { kind: 'datagrams' }>,
  listener: LinkListener,
): Promise<EthernetLink> {
  const multicast = isMulticast(remote.host);
  const type = isIPv6(remote.host) || isIPv6(local.host) ? 'udp6' : 'udp4';
  const socket: DatagramSocket = createSocket({ type, reuseAddr: multicast });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(cannot(id, `use ${addressText(local)}`, error)));
    // Those that have joined a group listen at the group's port, on every address.
    socket.bind(local.port, multicast ? undefined : local.host || undefined, () => resolve());
  });
  const own = multicast ? new OwnStations() : undefined;
  if (multicast) joinGroup(socket, remote.host, local.host);
  // That nobody is at the other end is told for some datagrams; it is a loss like others.
  socket.on('error', () => {});
  socket.on('message', (bytes) => {
    if (!own?.sent(bytes)) listener.onFrame(Uint8Array.from(bytes));
  });
  return {
    send(frame) {
      if (socket.getSendQueueSize() > MAXIMUM_UNSENT) return false;
      own?.note(frame);
      socket.send(frame, remote.port, remote.host || undefined, () => {});
      return true;
    },
    close: () => socket.close(),
  };
}

/** What is sent to a group comes back to its sender too, as it comes to others on this computer: it is known by the station's address. */
class OwnStations {
  readonly #addresses = new Set<string>();

  note(frame: Uint8Array): void {
    if (this.#addresses.size < MAXIMUM_STATIONS) this.#addresses.add(source(frame));
  }

  sent(frame: Uint8Array): boolean {
    return this.#addresses.has(source(frame));
  }
}

const MAXIMUM_STATIONS = 1024;

function source(frame: Uint8Array): string {
  return macText(frame, 6);
}

function joinGroup(socket: DatagramSocket, group: string, local: string): void {
  const own = local === '0.0.0.0' ? undefined : local;
  socket.addMembership(group, own);
  socket.setMulticastLoopback(true);
  if (own) socket.setMulticastInterface(own);
}

function nodeAddress(address: SocketAddress) {
  return 'path' in address ? { path: address.path } : { host: address.host || undefined, port: address.port };
}

function cannot(id: string, what: string, error: Error): Error {
  return new Error(`The network ${id} cannot ${what}: ${error.message}.`);
}
