// Where a monitor listens: a Unix or TCP socket that takes one connection after the other, several at a time. Standard input and output are
// the runner's business (cli/vm.ts).

import { lstat, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { parseProperties } from '../common/properties.ts';
import { UsageError } from '../common/usage-error.ts';
import { HumanMonitor } from './human-monitor.ts';
import type { Machine } from './machine.ts';
import { QmpSession } from './qmp.ts';

export type MonitorProtocol = 'human' | 'qmp';

export type MonitorPlace =
  | { kind: 'stdio' }
  | { kind: 'unix'; path: string }
  | { kind: 'tcp'; host: string; port: number };

export interface MonitorOption {
  protocol: MonitorProtocol;
  place: MonitorPlace;
}

/** What a client has not read; with more it is disconnected. */
const MAXIMUM_UNREAD = 16 << 20;

/** At the end a client has so long to read what it was sent. */
const UNREAD_AT_END_MS = 1000;

/** What -monitor and -qmp take; none for "none". Throws UsageError. */
export function parseMonitor(protocol: MonitorProtocol, option: string, value: string): MonitorOption[] {
  const place = parsePlace(option, value);
  return place ? [{ protocol, place }] : [];
}

function parsePlace(option: string, value: string): MonitorPlace | undefined {
  if (value === 'none' || value === 'null') return undefined;
  if (value === 'stdio') return { kind: 'stdio' };
  const [scheme, ...rest] = value.split(':');
  const [address, ...properties] = rest.join(':').split(',');
  const { server, wait, nowait, delay: _delay, ...unknown } = parseProperties(option, properties);
  const surplus = Object.keys(unknown)[0];
  if (surplus !== undefined) throw new UsageError(`${option} ${value}: unknown property "${surplus}"`);
  const place = placeOf(scheme, address);
  if (!place)
    throw new UsageError(`${option} ${value}: unknown device (there are stdio, unix:PATH, tcp:HOST:PORT, none)`);
  if (server !== 'on') throw new UsageError(`${option} ${value}: only "server" is possible here`);
  if (nowait === undefined && wait !== 'off')
    throw new UsageError(`${option} ${value}: only "nowait" (wait=off) is possible here: the machine does not wait`);
  return place;
}

function placeOf(scheme: string, address: string): MonitorPlace | undefined {
  if (scheme === 'unix' && address !== '') return { kind: 'unix', path: address };
  const match = scheme === 'tcp' ? /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(address) : null;
  if (!match || Number(match[3]) > 0xffff) return undefined;
  return { kind: 'tcp', host: match[1] ?? match[2], port: Number(match[3]) };
}

/** Listens where the options say, if that is a socket. Rejects with an Error for the user. Resolves with what closes it all. */
export async function serveMonitors(options: readonly MonitorOption[], machine: Machine): Promise<() => Promise<void>> {
  const open: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    await Promise.all(open.map((close) => close()));
  };
  try {
    for (const { protocol, place } of options)
      if (place.kind !== 'stdio') open.push(await serve(place, (socket) => connect(socket, protocol, machine)));
  } catch (error) {
    await closeAll();
    throw error;
  }
  return closeAll;
}

async function serve(
  place: Exclude<MonitorPlace, { kind: 'stdio' }>,
  onConnection: (socket: Socket) => void,
): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  // As QEMU: a socket that was left there by an earlier run is no obstacle.
  if (place.kind === 'unix' && (await isSocket(place.path))) await rm(place.path);
  await listen(server, place);
  return async () => {
    // What has been said is let out first.
    for (const socket of sockets) socket.destroySoon();
    const overdue = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, UNREAD_AT_END_MS);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    clearTimeout(overdue);
  };
}

async function isSocket(path: string): Promise<boolean> {
  return lstat(path).then(
    (entry) => entry.isSocket(),
    () => false,
  );
}

function listen(server: Server, place: Exclude<MonitorPlace, { kind: 'stdio' }>): Promise<void> {
  const where = place.kind === 'unix' ? place.path : `${place.host}:${place.port}`;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`The monitor cannot listen at ${where}: ${error.message}.`)));
    server.listen(
      place.kind === 'unix' ? { path: place.path } : { host: place.host || undefined, port: place.port },
      () => resolve(),
    );
  });
}

function connect(socket: Socket, protocol: MonitorProtocol, machine: Machine): void {
  const write = (text: string) => {
    if (socket.writableLength > MAXIMUM_UNREAD) socket.destroy();
    else if (socket.writable) socket.write(protocol === 'human' ? text.replaceAll('\n', '\r\n') : text);
  };
  const session = protocol === 'human' ? new HumanMonitor(machine, write) : new QmpSession(machine, write);
  socket.on('data', (bytes: Buffer) => session.input(bytes));
  // It is told of by 'close'.
  socket.on('error', () => {});
  socket.on('close', () => {
    if (session instanceof QmpSession) session.close();
  });
  session.start();
}
