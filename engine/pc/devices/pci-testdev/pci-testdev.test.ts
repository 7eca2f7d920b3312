import { beforeEach, describe, expect, it } from 'vitest';
import { MmioBus } from '../../bus/mmio-bus.ts';
import { IoPortBus } from '../../bus/port-bus.ts';
import { BAR0, COMMAND } from '../pci/config-space.ts';
import { PciTestdev } from './pci-testdev.ts';

const MEMORY = 0xfebff000;
const PORTS = 0xc000;

let ports: IoPortBus;
let mmio: MmioBus;
let device: PciTestdev;

beforeEach(() => {
  ports = new IoPortBus();
  mmio = new MmioBus();
  device = new PciTestdev(ports, mmio, true);
  device.pci.reset();
});

const count = () => ports.read(PORTS + 12, 4);
function name(): string {
  const bytes = Array.from({ length: 32 }, (_, i) => ports.read(PORTS + 16 + i, 1));
  return String.fromCharCode(...bytes.slice(0, bytes.indexOf(0)));
}

// What QEMU 7.2 answers to the same accesses.
describe('pci-testdev', () => {
  it('is where firmware would have put it, or nowhere', () => {
    expect(device.pci.readConfig(BAR0, 4)).toBe(MEMORY);
    expect(device.pci.readConfig(BAR0 + 4, 4)).toBe(PORTS | 1);
    expect(mmio.isFree(MEMORY, 1)).toBe(false);
    const nowhere = new PciTestdev(ports, mmio, false);
    nowhere.pci.reset();
    expect(nowhere.pci.readConfig(BAR0, 4)).toBe(0);
    expect(nowhere.pci.readConfig(COMMAND, 2)).toBe(0);
  });

  it('numbers its tests through both BARs and has none beyond', () => {
    mmio.write(MEMORY, 1, 2);
    expect(name()).toBe('mmio-datamatch-eventfd');
    expect([mmio.read(MEMORY, 4), mmio.read(MEMORY + 4, 4), mmio.read(MEMORY + 8, 4)]).toEqual([0x102, 0x802, 0xfa]);
    ports.write(PORTS, 1, 1);
    expect(name()).toBe('portio-wildcard-eventfd');
    expect([ports.read(PORTS, 4), ports.read(PORTS + 4, 4), ports.read(PORTS + 8, 4)]).toEqual([0x104, 0x84, 0xce]);
    ports.write(PORTS, 1, 3);
    expect([ports.read(PORTS, 4), ports.read(PORTS + 4, 4), count()]).toEqual([0, 0, 0]);
    ports.write(PORTS + 4, 4, 5);
    expect(ports.read(PORTS + 4, 4)).toBe(0);
  });

  it('counts writes of the data, and forgets them with the next test', () => {
    mmio.write(MEMORY, 1, 0);
    const write = (size: number, value: number, offset = 0x800) => {
      mmio.write(MEMORY + offset, size, value);
      return count();
    };
    expect([write(1, 0xfa), write(1, 0xfb), write(2, 0xfa), write(4, 0xfa), write(1, 0xfa, 0x801)]).toEqual([
      1, 1, 2, 3, 3,
    ]);
    mmio.write(MEMORY, 1, 0);
    expect(count()).toBe(0);
  });

  it('does not count what a hypervisor only notes', () => {
    const counted = (test: number, size: number, value: number) => {
      ports.write(PORTS, 1, test);
      ports.write(PORTS + ports.read(PORTS + 4, 4), size, value);
      return count();
    };
    expect([counted(1, 1, 0xce), counted(1, 2, 0xce), counted(2, 1, 0xfa)]).toEqual([0, 1, 0]);
    mmio.write(MEMORY, 1, 1);
    mmio.write(MEMORY + 0x801, 1, 0xce);
    expect(count()).toBe(0);
  });

  it('ignores accesses that are not aligned', () => {
    ports.write(PORTS, 1, 0);
    ports.write(PORTS + 0x83, 2, 0xfa);
    expect([count(), ports.read(PORTS + 5, 2)]).toEqual([0, 0]);
    ports.write(PORTS + 0x83, 1, 0xfa);
    expect(count()).toBe(1);
  });

  it('keeps its test through save and restore, until reset', () => {
    ports.write(PORTS, 1, 0);
    ports.write(PORTS + 0x83, 1, 0xfa);
    const state = structuredClone(device.save());
    device.reset();
    expect([ports.read(PORTS, 4), count()]).toEqual([0, 0]);
    device.restore(state);
    expect([ports.read(PORTS, 4), count()]).toEqual([0x103, 1]);
  });
});
