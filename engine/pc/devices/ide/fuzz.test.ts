// Accesses at random: whatever a guest does, nothing throws, nothing outside of what its tables name is written, and a software
// reset makes the drives usable again.
import { expect, test } from 'vitest';
import { CD, CD_MASTER, CONTROL, DISK, DISK_MASTER, pattern } from './testing/ide-bench.ts';
import { IdeDriver } from './testing/ide-driver.ts';

const TABLE = 0x2000;
/** Where tables may send data, and what they must leave alone. */
const BUFFERS = 0x40000;
const BUFFERS_END = 0x80000;

const COMMANDS = [
  ...[0x00, 0x06, 0x08, 0x10, 0x20, 0x24, 0x25, 0x27, 0x29, 0x30, 0x34, 0x35, 0x39, 0x40, 0x42, 0x70, 0x90, 0x91],
  ...[0xa0, 0xa0, 0xa0, 0xa0, 0xa1, 0xb0, 0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0xe0, 0xe5, 0xe7, 0xea, 0xec, 0xef, 0xf8],
];
const PACKETS = [
  ...[0x00, 0x03, 0x12, 0x15, 0x1a, 0x1b, 0x1e, 0x23, 0x25, 0x28, 0x2b, 0x2f, 0x35, 0x42, 0x43, 0x44, 0x46, 0x4a],
  ...[0x51, 0x52, 0x55, 0x5a, 0xa8, 0xad, 0xb9, 0xbb, 0xbd, 0xbe],
];

/** Mulberry32. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function randomTable(ide: IdeDriver, random: (below: number) => number): void {
  for (let n = 0; n < 64; n++) {
    ide.ram.view.setUint32(TABLE + 8 * n, BUFFERS + random((BUFFERS_END - BUFFERS) / 2), true);
    const size = random(4) === 0 ? random(0x10000) : 512 * random(16);
    ide.ram.view.setUint32(TABLE + 8 * n + 4, ((random(6) === 0 ? 0x80000000 : 0) | size) >>> 0, true);
  }
  if (random(20) === 0) ide.ram.view.setUint32(TABLE + 8 * random(8), 0xfffff000, true);
}

function step(ide: IdeDriver, random: (below: number) => number): void {
  const base = random(2) ? DISK : CD;
  const master = base === DISK ? DISK_MASTER : CD_MASTER;
  const small = () => random(random(3) ? 8 : 256);
  const actions: (() => void)[] = [
    () => ide.out(base + 1 + random(6), small()),
    () => ide.out(base + 6, 0x40 | (random(8) === 0 ? 0x10 : 0)),
    () => ide.out(base + 7, random(10) ? COMMANDS[random(COMMANDS.length)]! : random(256)),
    () => ide.in(base + random(8), [1, 2, 4][random(3)]),
    () => ide.out(base + CONTROL, [0, 0, 2, 4, 0x80][random(5)]!),
    () => {
      for (let n = random(600); n > 0; n--) ide.in(base, [2, 4][random(2)]);
    },
    () => {
      for (let n = random(300); n > 0; n--) ide.out(base, random(2 ** 32), [2, 4][random(2)]);
    },
    () =>
      ide.give(
        Uint8Array.from({ length: 12 }, (_, n) => (n === 0 ? PACKETS[random(PACKETS.length)]! : small())),
        base,
      ),
    () => randomTable(ide, random),
    () => ide.out(master + 4, TABLE + 8 * random(8), 4),
    () => ide.out(master, [0, 9, 1][random(3)]!),
    () => ide.out(master + 2, random(256)),
    () => ide.settle(),
    () => ide.settle(),
    () => ide.diskMedium.failures.push('failed'),
    () => {
      if (random(2)) ide.ram.absent.add(0x40 + random(0x40));
      else ide.ram.absent.clear();
    },
    () => {
      ide.cdMedium.insert(random(2) ? pattern(2048 * (1 + random(40)), 7) : undefined);
      ide.cd.mediumChanged();
    },
    () => ide.cd.ejectRequested(),
    () => ide.restore(structuredClone(ide.save())),
  ];
  actions[random(actions.length)]!();
}

test.each(Array.from({ length: 12 }, (_, seed) => seed))('seed %i', (seed) => {
  const random = randomNumbers(seed);
  const ide = new IdeDriver({ disk: pattern(1 << 20, 1), cd: pattern(1 << 18, 2) });
  ide.ram.bytes.fill(0xe5);
  randomTable(ide, random);
  for (let n = 0; n < 2500; n++) step(ide, random);

  // Descriptors reach 64 KiB behind their address at most.
  const untouched = [
    ide.ram.bytes.subarray(0, TABLE),
    ide.ram.bytes.subarray(TABLE + 512, BUFFERS),
    ide.ram.bytes.subarray(BUFFERS_END),
  ];
  for (const part of untouched) expect(part.every((byte) => byte === 0xe5)).toBe(true);

  ide.ram.absent.clear();
  ide.diskMedium.failures = [];
  for (const base of [DISK, CD]) {
    ide.out(base === DISK ? DISK_MASTER : CD_MASTER, 0);
    ide.softwareReset(base);
  }
  ide.settle();
  ide.command(0x20, { count: 1, lba: 5 });
  ide.settle();
  expect(ide.take(512)).toEqual(ide.diskMedium.bytes.slice(5 * 512, 6 * 512));
  ide.cdMedium.insert(pattern(4 * 2048, 9));
  ide.cd.mediumChanged();
  for (let n = 0; n < 3; n++) ide.reply([3, 0, 0, 0, 18]);
  expect(ide.reply([0x28, 0, 0, 0, 0, 1, 0, 0, 1])).toEqual(pattern(4 * 2048, 9).slice(2048, 4096));
});
