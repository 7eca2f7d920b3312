import { expect, test } from 'vitest';
import { rtcModel } from '../devices/rtc/model.ts';
import type { Rtc } from '../devices/rtc/rtc.ts';
import { MachineBoard, sharedLine } from './board.ts';
import { build } from './testing/test-machine.ts';

test('devices have guest memory from a board that refuses it outside of transfers', () => {
  const memory = { read: () => true, write: () => true, require: () => true };
  const board = new MachineBoard({ ...build().config, memory });
  expect(() => board.memory.require(0, 1)).toThrow('guest memory touched inside a port or MMIO access');
  let reached = false;
  board.transfers.request(() => {
    reached = board.memory.require(0, 1);
  });
  board.transfers.runPending();
  expect(reached).toBe(true);
});

test('inputs of a shared line are high together', () => {
  const levels: boolean[] = [];
  const input = sharedLine((level) => levels.push(level));
  const [one, two] = [input(), input()];
  one(true);
  two(true);
  one(false);
  two(false);
  expect(levels).toEqual([true, true, true, false]);
});

test('devices add to CMOS and its checksum, and to the boot order', () => {
  const board = new MachineBoard(build().config);
  const rtc = rtcModel.create(board, {}, 0) as Rtc;
  const registers = () => rtc.save().cmos;
  const sum = () =>
    registers()
      .subarray(0x10, 0x2e)
      .reduce((a, b) => a + b, 0);
  board.defineCmos(0x10, 0x40);
  board.defineCmos(0x14, 0x41, 0xc1);
  expect([registers()[0x10], registers()[0x14]]).toEqual([0x40, 0x43]);
  expect(registers()[0x2e] * 256 + registers()[0x2f]).toBe(sum());
  board.addBootPath('floppy', '/fdc');
  const ordered = new MachineBoard({ ...build().config, boot: { order: ['floppy'] } });
  ordered.addBootPath('floppy', '/pci@i0cf8/isa@1/fdc@03f0/floppy@0');
  expect(new TextDecoder().decode(ordered.firmwareConfiguration().files.get('bootorder'))).toBe(
    '/pci@i0cf8/isa@1/fdc@03f0/floppy@0\0',
  );
  expect(board.firmwareConfiguration().files.get('bootorder')).toEqual(new Uint8Array());
});

test('devices take their memory one behind the other, and no more than their models have named', () => {
  const written: [number, number[]][] = [];
  const bytes = new Uint8Array(12 * 1024);
  const deviceMemory = {
    firstPage: 100,
    bytes,
    write: (offset: number, some: Uint8Array) => written.push([offset, [...some]]),
    written: () => {},
  };
  const board = new MachineBoard(build({ deviceMemory }).config);
  const [first, second] = [board.takeMemory(4), board.takeMemory(8)];
  expect([first.firstPage, second.firstPage]).toEqual([100, 101]);
  bytes[4096] = 7;
  expect(second.bytes[0]).toBe(7);
  second.write(8190, Uint8Array.of(1, 2));
  expect(written).toEqual([[4096 + 8190, [1, 2]]]);
  expect(() => second.write(8191, Uint8Array.of(1, 2))).toThrow('behind the end');
  expect(() => board.takeMemory(4)).toThrow('that its model has not named');
  expect(() => new MachineBoard(build().config).takeMemory(4)).toThrow('that its model has not named');
});
