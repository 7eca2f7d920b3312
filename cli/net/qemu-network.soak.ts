// Our VM and QEMU's on one Ethernet: both boot the Linux guest, and one pings the other over the sockets. (npm run soak)

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../engine/base/testing/eventually.ts';
import { ensureEngine } from '../../scripts/build-engine.ts';
import { parseCommandLine } from '../options.ts';
import { run } from '../runner.ts';

const GUEST = fileURLToPath(new URL('../../public/guests/linux/', import.meta.url));
const LIMIT_MS = 300_000;
const PROMPT = 'root@guest:~# ';
const PORTS = { stream: 47_811, ours: 47_812, theirs: 47_813 };

function hasQemu(): boolean {
  try {
    execFileSync('qemu-system-i386', ['--version']);
    return true;
  } catch {
    return false;
  }
}

let folder: string;
let qemu: ChildProcess | undefined;
beforeAll(async () => {
  await ensureEngine();
  folder = await mkdtemp(join(tmpdir(), 'qemu-network-'));
});
afterEach(() => {
  qemu?.kill();
});
afterAll(() => rm(folder, { recursive: true }));

const linux = (netdev: string, mac: string) => [
  ...['-m', '64', '-kernel', `${GUEST}vmlinuz`, '-initrd', `${GUEST}initrd.gz`, '-append', 'console=ttyS0'],
  ...['-netdev', `${netdev},id=n`, '-device', `virtio-net-pci,netdev=n,mac=${mac}`],
];

async function startQemu(netdev: string) {
  const serial = join(folder, `serial-${Math.random()}`);
  const own = ['-display', 'none', '-accel', 'tcg', '-serial', `unix:${serial},server,nowait`, '-nodefaults'];
  qemu = spawn('qemu-system-i386', [...own, ...linux(netdev, '52:54:00:00:00:01')], { stdio: 'ignore' });
  let socket: Socket | undefined;
  let printed = '';
  await eventually(async () => {
    socket = connect(serial);
    await new Promise<void>((resolve, reject) => {
      socket?.on('connect', resolve);
      socket?.on('error', reject);
    });
  });
  socket?.on('data', (bytes) => {
    printed += bytes;
  });
  return { type: (text: string) => socket?.write(text), printed: () => printed };
}

async function startOurs(netdev: string) {
  const parsed = parseCommandLine(linux(netdev, '52:54:00:00:00:02'));
  if (parsed.kind !== 'run') throw new Error('no options to run with');
  let printed = '';
  const runner = await run(parsed.options, {
    print(bytes) {
      printed += Buffer.from(bytes).toString('latin1');
    },
    tell() {},
  });
  return { runner, type: (text: string) => runner.input(Buffer.from(text)), printed: () => printed };
}

const up = (address: string) => `ip addr add ${address}/24 dev eth0; ip link set eth0 up\r`;

describe.skipIf(!hasQemu() || !existsSync(`${GUEST}vmlinuz`))(
  'one Ethernet with QEMU (qemu-system-i386, and the guest that "npm run guests" makes)',
  () => {
    it.each([
      ['a stream', `socket,listen=127.0.0.1:${PORTS.stream}`, `socket,connect=127.0.0.1:${PORTS.stream}`],
      [
        'datagrams',
        `socket,udp=127.0.0.1:${PORTS.ours},localaddr=127.0.0.1:${PORTS.theirs}`,
        `socket,udp=127.0.0.1:${PORTS.theirs},localaddr=127.0.0.1:${PORTS.ours}`,
      ],
    ])(
      'over %s',
      async (_name, theirNetdev, ourNetdev) => {
        const theirs = await startQemu(theirNetdev);
        const ours = await startOurs(ourNetdev);
        await eventually(() =>
          expect([theirs.printed(), ours.printed()].every((text) => text.includes(PROMPT))).toBe(true),
        );
        theirs.type(up('10.9.0.1'));
        ours.type(up('10.9.0.2'));
        ours.type('ping -c 3 -s 1472 10.9.0.1\r');
        await eventually(() => expect(ours.printed()).toContain('3 packets received'));
        ours.runner.quit();
        await ours.runner.finished;
      },
      LIMIT_MS,
    );
  },
);
