// Sockets of this computer, and ports that the system picks where that is possible.

import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../engine/base/testing/eventually.ts';
import { FrameReader, framed } from './frame-stream.ts';
import { type EthernetLink, openLink } from './link.ts';
import type { Netdev } from './netdev.ts';

let folder: string;
const links: EthernetLink[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'link-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  for (const link of links.splice(0)) link.close();
});

const frame = (station: number, length = 60) =>
  Uint8Array.from({ length }, (_, n) => (n === 11 ? station : n < 12 ? 2 : n & 0xff));

async function open(netdev: Netdev) {
  const frames: Uint8Array[] = [];
  const told: string[] = [];
  const link = await openLink(netdev, { onFrame: (got) => frames.push(got), tell: (line) => told.push(line) });
  links.push(link);
  return { link, frames, told };
}

/** One that nobody has had a moment ago. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

describe('frames on a stream', () => {
  it('come out as they went in, however the stream is cut', () => {
    const sent = [frame(1), frame(2, 1514), new Uint8Array(), frame(3, 14)];
    const stream = Buffer.concat(sent.map(framed));
    expect([...framed(frame(1)).subarray(0, 4)]).toEqual([0, 0, 0, 60]);
    for (const step of [1, 3, 64, 5000]) {
      const reader = new FrameReader();
      const got: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += step) got.push(...reader.feed(stream.subarray(at, at + step)));
      expect(got).toEqual(sent);
    }
  });

  it('end at a length that no frame has', () => {
    expect(() => new FrameReader().feed(Uint8Array.of(0x10, 0, 0, 0))).toThrow('a frame of 268435456 bytes');
  });
});

describe('a network over sockets', () => {
  it('carries frames both ways over a stream, and takes the next connection when one has gone', async () => {
    const path = join(folder, 'a');
    const server = await open({ id: 'n', kind: 'listen', at: { path } });
    // Nobody is there.
    expect(server.link.send(frame(1))).toBe(false);
    const client = await open({ id: 'n', kind: 'connect', to: { path } });
    await eventually(() => expect(server.link.send(frame(1))).toBe(true));
    expect(client.link.send(frame(2, 1514))).toBe(true);
    await eventually(() => expect([client.frames, server.frames]).toEqual([[frame(1)], [frame(2, 1514)]]));
    client.link.close();
    await eventually(() => expect(server.link.send(frame(1))).toBe(false));
    const next = await open({ id: 'n', kind: 'connect', to: { path } });
    await eventually(() => expect(server.link.send(frame(4))).toBe(true));
    await eventually(() => expect(next.frames).toEqual([frame(4)]));
  });

  it('says so when it gets what is no Ethernet, and goes on with the next', async () => {
    const path = join(folder, 'b');
    const { link, told } = await open({ id: 'n', kind: 'listen', at: { path } });
    const socket = connect(path);
    socket.write('GET / HTTP/1.1\r\n');
    await new Promise((resolve) => socket.on('close', resolve));
    expect(told).toEqual(['The network n got what is no Ethernet (a frame of 1195725856 bytes): disconnected.']);
    const client = await open({ id: 'n', kind: 'connect', to: { path } });
    await eventually(() => expect(link.send(frame(1))).toBe(true));
    await eventually(() => expect(client.frames).toHaveLength(1));
  });

  it('loses frames when the other end does not read, and keeps no more than it may', async () => {
    const path = join(folder, 'c');
    const server = createServer((socket) => socket.pause());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const { link } = await open({ id: 'n', kind: 'connect', to: { path } });
    let taken = 0;
    while (taken < 100_000 && link.send(frame(1, 1514))) taken++;
    expect(taken).toBeLessThan(5000);
    link.close();
    server.close();
  });

  it('carries a frame a datagram', async () => {
    const [a, b] = [await freePort(), await freePort()].map((port) => ({ host: '127.0.0.1', port }));
    const one = await open({ id: 'a', kind: 'datagrams', local: a, remote: b });
    // Nobody is there, which is no error.
    one.link.send(frame(1));
    const other = await open({ id: 'b', kind: 'datagrams', local: b, remote: a });
    await eventually(() => {
      one.link.send(frame(1));
      expect(other.frames[0]).toEqual(frame(1));
    });
    other.link.send(frame(2));
    await eventually(() => expect(one.frames).toEqual([frame(2)]));
  });

  it('names what cannot be opened', async () => {
    const path = join(folder, 'nobody');
    await expect(openLink({ id: 'n1', kind: 'connect', to: { path } }, { onFrame() {}, tell() {} })).rejects.toThrow(
      `The network n1 cannot connect to ${path}`,
    );
    const at = { path: join(folder, 'no', 'folder') };
    await expect(openLink({ id: 'n1', kind: 'listen', at }, { onFrame() {}, tell() {} })).rejects.toThrow(
      `The network n1 cannot listen at ${at.path}`,
    );
  });
});
