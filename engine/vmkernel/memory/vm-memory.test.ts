import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../base/sizes.ts';
import * as L from '../../cpu/abi/layout.ts';
import { TRANSLATION_LIMITS } from '../../cpu/regions/region-budget.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { MachineMemory, OutOfMemoryError } from './machine-memory.ts';
import { admission, DEFAULT_ARENA_SIZE, pagesNeeded, VmMemory } from './vm-memory.ts';

const ARENA = 64 * 1024;
const GUEST_MIB = 4;
const GUEST_PAGES = 1024;
const NEEDS = { memoryMiB: GUEST_MIB, arenaSize: ARENA };
const LARGE = { memoryMiB: 64, arenaSize: ARENA };

describe('VmMemory', () => {
  it('maps every guest page to a machine page of its own', () => {
    const host = new MachineMemory(16);
    const vm = new VmMemory(host, NEEDS);
    const pages = Array.from({ length: GUEST_PAGES }, (_, page) => vm.guest.machineAddress(page));
    expect(new Set(pages).size).toBe(GUEST_PAGES);
    expect(pages.every((address) => address % PAGE_SIZE === 0)).toBe(true);
    expect(() => vm.guest.machineAddress(GUEST_PAGES)).toThrow(RangeError);
    expect(() => vm.guest.machineAddress(-1)).toThrow(RangeError);
  });

  it('tells the CPU block where everything is', () => {
    const host = new MachineMemory(16);
    const vm = new VmMemory(host, NEEDS);
    const block = new CpuBlock(host.memory, vm.cpu);
    expect(block.u32(L.MEM_PAGES)).toBe(GUEST_PAGES);
    expect(block.u32(L.ARENA_SIZE)).toBe(ARENA);
    const p2m = new Uint32Array(host.memory.buffer, block.u32(L.P2M), GUEST_PAGES);
    expect(p2m[77]).toBe((vm.guest.machineAddress(77) | L.P2M_PRESENT) >>> 0);
    vm.guest.write(33 * PAGE_SIZE, Uint8Array.of(1));
    const dirty = new Uint32Array(host.memory.buffer, block.u32(L.DIRTY_BITMAP), 2);
    expect([...dirty]).toEqual([0, 2]);
  });

  it('leaves room for the translations of a VM of 128 MB at rest within 16 MiB beyond RAM', () => {
    const { cpu, code, pages } = new VmMemory(new MachineMemory(160), { memoryMiB: 128 }).overhead;
    expect(code).toBe(DEFAULT_ARENA_SIZE);
    expect(cpu + code + pages + TRANSLATION_LIMITS.atRest).toBeLessThanOrEqual(16 * 1024 * 1024);
  });

  it('takes exactly what admission counts and gives it all back, wiped', () => {
    const host = new MachineMemory(16);
    const vm = new VmMemory(host, NEEDS);
    expect(host.usablePages - host.freePages).toBe(pagesNeeded(NEEDS));
    vm.guest.write(5 * PAGE_SIZE + 4090, new Uint8Array(100).fill(7));
    vm.free();
    expect(host.freePages).toBe(host.usablePages);
    expect(new Uint8Array(host.memory.buffer).every((byte) => byte === 0)).toBe(true);
  });

  it('is refused with figures when the host has no room, and takes nothing', () => {
    const host = new MachineMemory(16);
    expect(admission(host, NEEDS)).toBeUndefined();
    expect(admission(host, LARGE)).toMatch(/^needs 6[5-9] MiB, 15 MiB free$/);
    expect(() => new VmMemory(host, LARGE)).toThrow(OutOfMemoryError);
    expect(host.freePages).toBe(host.usablePages);
  });

  it('has its ROM behind RAM, and moves it with the rest', () => {
    const needs = { ...NEEDS, romKiB: 64 };
    const [source, target] = [0, 1].map(() => new VmMemory(new MachineMemory(16), needs)) as [VmMemory, VmMemory];
    // And one more for the tables that count them.
    expect(pagesNeeded(needs) - pagesNeeded(NEEDS)).toBe(16 + 1);
    const rom = Uint8Array.from({ length: 65536 }, (_, i) => i >> 8);
    source.writeRom(rom);
    expect(() => source.writeRom(rom.subarray(0, 4096))).toThrow(
      'The firmware image has 4 KiB; the VM was set up for 64 KiB.',
    );
    source.guest.write(5 * PAGE_SIZE, Uint8Array.of(9));
    expect(() => source.guest.write(GUEST_PAGES * PAGE_SIZE, Uint8Array.of(9))).toThrow(RangeError);
    expect(source.guest.pages).toBe(GUEST_PAGES + 16);
    const buffer = new Uint8Array(PAGE_SIZE);
    for (let page = 0; page < source.guest.pages; page++) {
      if (source.guest.isZero(page)) continue;
      source.guest.readPage(page, buffer);
      target.guest.writePage(page, buffer);
    }
    target.guest.readPage(GUEST_PAGES + 3, buffer);
    expect(buffer).toEqual(rom.slice(3 * PAGE_SIZE, 4 * PAGE_SIZE));
    expect(target.guest.isZero(5)).toBe(false);
    expect(() => target.guest.writePage(GUEST_PAGES + 16, buffer)).toThrow(RangeError);
    const host = new MachineMemory(16);
    const vm = new VmMemory(host, needs);
    vm.free();
    expect(host.freePages).toBe(host.usablePages);
  });
});
