// Devices beside the standard PC that a machine may have: consoles that print through a port, more serial ports, a printer
// port, and what firmware and bare kernels look for where Linux does not.

import type { Clock, Device, InterruptLine } from '../bus/device.ts';
import type { MmioBus } from '../bus/mmio-bus.ts';
import type { IoPortBus } from '../bus/port-bus.ts';
import { Debugcon } from '../devices/debugcon/debugcon.ts';
import { FwCfg } from '../devices/fw-cfg/fw-cfg.ts';
import { LocalApic } from '../devices/local-apic/local-apic.ts';
import { ParallelPort } from '../devices/parallel/parallel.ts';
import { PcTestdev } from '../devices/pc-testdev/pc-testdev.ts';
import type { PciBus } from '../devices/pci/pci.ts';
import { PciTestdev } from '../devices/pci-testdev/pci-testdev.ts';
import type { Pic } from '../devices/pic/pic.ts';
import { TextMemory } from '../devices/text-memory/text-memory.ts';
import { Uart } from '../devices/uart/uart.ts';

export interface ExtrasConfig {
  debugcons?: readonly { iobase: number; readback: number; output(byte: number): void }[];
  /** COM2 to COM4: where their output goes, undefined for a port that is not there. */
  serial?: readonly (((bytes: Uint8Array) => void) | undefined)[];
  /** One of these ports that had refused input has room again. */
  serialRoom?: () => void;
  /** Printer ports. */
  parallel?: readonly { base: number; output(byte: number): void }[];
  /** QEMU's pc-testdev. */
  testdev?: boolean;
  /** QEMU's pci-testdev; `placed`: its BARs are where firmware would have put them. */
  pciTestdev?: { placed: boolean };
  /** fw_cfg, text memory, local APIC. */
  bareMetal?: boolean;
}

export interface Extras {
  devices: Device[];
  /** By index: COM2 is 0. */
  uarts: (Uart | undefined)[];
  localApic?: LocalApic;
}

interface Board {
  clock: Clock;
  ports: IoPortBus;
  mmio: MmioBus;
  pic: Pic;
  pci: PciBus;
  memoryMiB: number;
  /** The pending state of the local APIC may have changed. */
  localApicChanged(): void;
  raiseNmi(): void;
}

/** COM2 to COM4. Four ports share two lines, as on the ISA bus; COM1's line is `com1`. */
const SERIAL_PORTS = [
  { name: 'com2', base: 0x2f8, irq: 3 },
  { name: 'com3', base: 0x3e8, irq: 4 },
  { name: 'com4', base: 0x2e8, irq: 3 },
];

/** QEMU's place for the only card of a machine without a display. */
const PCI_TESTDEV_SLOT = 2;

export function buildExtras(config: ExtrasConfig, board: Board, com1: () => InterruptLine): Extras {
  const { clock, ports, mmio, pic, pci, memoryMiB } = board;
  const devices: Device[] = [];
  for (const { iobase, readback, output } of config.debugcons ?? []) {
    new Debugcon(output, readback).attach(ports, iobase);
  }
  const com2and4 = sharedLine(pic.line(3));
  const uarts = SERIAL_PORTS.map(({ name, base, irq }, i) => {
    const output = config.serial?.[i];
    if (!output) return undefined;
    const uart = new Uart({ clock, irq: irq === 4 ? com1() : com2and4(), output, room: config.serialRoom }, name);
    uart.attach(ports, base);
    devices.push(uart);
    return uart;
  });
  for (const [n, { base, output }] of (config.parallel ?? []).entries()) {
    const parallel = new ParallelPort(output, `parallel-${n}`);
    parallel.attach(ports, base);
    devices.push(parallel);
  }
  if (config.testdev) {
    const testdev = new PcTestdev((irq) => pic.line(irq));
    testdev.attach(ports, mmio);
    devices.push(testdev);
  }
  if (config.pciTestdev) {
    const testdev = new PciTestdev(ports, mmio, config.pciTestdev.placed);
    pci.add(PCI_TESTDEV_SLOT, 0, testdev.pci);
    devices.push(testdev);
  }
  if (!config.bareMetal) return { devices, uarts };
  const fwCfg = new FwCfg(memoryMiB);
  const textMemory = new TextMemory();
  const localApic = new LocalApic({ clock, changed: board.localApicChanged, nmi: board.raiseNmi });
  fwCfg.attach(ports);
  textMemory.attach(mmio);
  localApic.attach(mmio);
  devices.push(fwCfg, textMemory, localApic);
  return { devices, uarts, localApic };
}

/** Each call gives one more input of a line that is high while any of its inputs is. */
export function sharedLine(line: InterruptLine): () => InterruptLine {
  const high = new Set<number>();
  let inputs = 0;
  return () => {
    const input = inputs++;
    return (level) => {
      if (level) high.add(input);
      else high.delete(input);
      line(high.size > 0);
    };
  };
}
