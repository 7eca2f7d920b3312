// Against the 82093AA datasheet (order 290566): §3.1 memory-mapped registers, §3.2 the registers behind them.
import { beforeEach, describe, expect, test } from 'vitest';
import { ApicBus, type ApicMessage } from '../../bus/apic-bus.ts';
import { MmioBus } from '../../bus/mmio-bus.ts';
import { IoApic } from './ioapic.ts';

const BASE = 0xfec00000;
const MASKED = 0x10000;
const LEVEL = 0x8000;
const REMOTE_IRR = 0x4000;
const DELIVERY_STATUS = 0x1000;
/** Input 2. */
const TIMER = 0;

/** `accepts`: whether a processor takes messages now. */
function setUp(version = 0x20) {
  const bus = new ApicBus();
  const sent: ApicMessage[] = [];
  const processor = { accepts: true };
  bus.connectProcessor({
    receive(message) {
      if (processor.accepts) sent.push(message);
      return processor.accepts;
    },
  });
  const mmio = new MmioBus();
  const apic = new IoApic(bus, version);
  apic.attach(mmio);
  const read = (register: number) => {
    mmio.write(BASE, 4, register);
    return mmio.read(BASE + 0x10, 4);
  };
  const write = (register: number, value: number) => {
    mmio.write(BASE, 4, register);
    mmio.write(BASE + 0x10, 4, value);
  };
  const entry = (input: number) => read(0x10 + 2 * input);
  const program = (input: number, low: number) => write(0x10 + 2 * input, low);
  return { bus, sent, processor, mmio, apic, read, write, entry, program };
}

let chip: ReturnType<typeof setUp>;
beforeEach(() => {
  chip = setUp();
});

function pulse(irq: number): void {
  chip.apic.line(irq)(true);
  chip.apic.line(irq)(false);
}
const vectors = () => chip.sent.splice(0).map(({ vector }) => vector);

describe('registers', () => {
  test('ID, version with 24 entries, arbitration (§3.2.1 to §3.2.3); all inputs masked', () => {
    expect([chip.read(0), chip.read(1), chip.read(2)]).toEqual([0, 0x170020, 0]);
    chip.write(0, 0xffffffff);
    chip.write(1, 0);
    expect([chip.read(0), chip.read(1), chip.read(2)]).toEqual([0x0f000000, 0x170020, 0x0f000000]);
    expect(setUp(0x11).read(1)).toBe(0x170011);
    for (let input = 0; input < 24; input++)
      expect([chip.entry(input), chip.read(0x11 + 2 * input)]).toEqual([MASKED, 0]);
  });

  test('IOREGSEL reads back; what lies behind the last entry and between registers is nothing (§3.1)', () => {
    chip.mmio.write(BASE, 4, 0x123);
    expect(chip.mmio.read(BASE, 4)).toBe(0x23);
    chip.write(0x40, 0xff);
    expect([chip.read(0x40), chip.read(0x0f), chip.mmio.read(BASE + 0x20, 4)]).toEqual([0, 0, 0]);
  });

  test('an entry keeps what is writable of it: not delivery status, remote IRR, or reserved bits (§3.2.4)', () => {
    chip.write(0x10 + 10, 0xffffffff);
    chip.write(0x11 + 10, 0xffffffff);
    expect([chip.entry(5), chip.read(0x11 + 10)]).toEqual([0x1afff, 0xff000000]);
  });
});

describe('edge-triggered', () => {
  test('each rising edge is a message with what the entry says', () => {
    chip.write(0x11 + 2 * 4, 0x03000000);
    chip.program(4, 0x931);
    const line = chip.apic.line(4);
    for (const level of [true, true, false, true]) line(level);
    expect(chip.sent).toEqual(
      [1, 2].map(() => ({ mode: 0x100, vector: 0x31, level: false, destination: 3, logical: true })),
    );
  });

  test('the timer is on input 2', () => {
    chip.program(0, 0x30);
    chip.program(2, 0x32);
    pulse(TIMER);
    expect(vectors()).toEqual([0x32]);
  });

  test('an edge on a masked input is lost (bit 16)', () => {
    chip.program(4, MASKED | 0x34);
    chip.apic.line(4)(true);
    chip.program(4, 0x34);
    expect(vectors()).toEqual([]);
    chip.apic.line(4)(false);
    pulse(4);
    expect(vectors()).toEqual([0x34]);
  });

  test('one that no processor takes is pending until one does (bit 12)', () => {
    chip.program(4, 0x34);
    chip.processor.accepts = false;
    pulse(4);
    pulse(4);
    expect(chip.entry(4)).toBe(DELIVERY_STATUS | 0x34);
    chip.processor.accepts = true;
    chip.bus.receptive();
    chip.bus.receptive();
    expect(vectors()).toEqual([0x34]);
    expect(chip.entry(4)).toBe(0x34);
  });
});

describe('level-triggered', () => {
  beforeEach(() => chip.program(10, LEVEL | 0x3a));

  test('interrupts once until its end, and again if the line is still high (bit 14)', () => {
    const line = chip.apic.line(10);
    line(true);
    line(false);
    line(true);
    expect(vectors()).toEqual([0x3a]);
    expect(chip.entry(10)).toBe(REMOTE_IRR | LEVEL | 0x3a);
    chip.bus.endOfInterrupt(0x39);
    expect(vectors()).toEqual([]);
    chip.bus.endOfInterrupt(0x3a);
    expect(vectors()).toEqual([0x3a]);
    line(false);
    chip.bus.endOfInterrupt(0x3a);
    expect(vectors()).toEqual([]);
    expect(chip.entry(10)).toBe(LEVEL | 0x3a);
  });

  test('a line that is high when it is unmasked interrupts, and one that dropped does not', () => {
    for (const [irq, drops] of [
      [10, false],
      [11, true],
    ] as const) {
      chip.program(irq, MASKED | LEVEL | 0x50);
      chip.apic.line(irq)(true);
      if (drops) chip.apic.line(irq)(false);
      chip.program(irq, LEVEL | 0x50);
    }
    expect(vectors()).toEqual([0x50]);
  });

  test('the polarity that is set does not matter (bit 13), as in QEMU', () => {
    chip.program(11, LEVEL | 0x2000 | 0x3b);
    expect(vectors()).toEqual([]);
    chip.apic.line(11)(true);
    expect(vectors()).toEqual([0x3b]);
  });

  test('two inputs with one vector end together', () => {
    chip.program(11, LEVEL | 0x3a);
    chip.apic.line(10)(true);
    chip.apic.line(11)(true);
    expect(vectors()).toEqual([0x3a, 0x3a]);
    chip.apic.line(10)(false);
    chip.bus.endOfInterrupt(0x3a);
    expect(vectors()).toEqual([0x3a]);
  });

  test('the EOI register of version 20h ends it, and version 11h has none', () => {
    chip.apic.line(10)(true);
    chip.mmio.write(BASE + 0x40, 4, 0x3a);
    expect(vectors()).toEqual([0x3a, 0x3a]);
    chip = setUp(0x11);
    chip.program(10, LEVEL | 0x3a);
    chip.apic.line(10)(true);
    chip.mmio.write(BASE + 0x40, 4, 0x3a);
    expect(vectors()).toEqual([0x3a]);
  });

  test('changed to an edge and back, masked meanwhile, it has ended', () => {
    chip.apic.line(10)(true);
    chip.program(10, MASKED | 0x3a);
    expect(chip.entry(10)).toBe(MASKED | 0x3a);
    chip.program(10, LEVEL | 0x3a);
    expect(vectors()).toEqual([0x3a, 0x3a]);
  });

  test('what no processor takes has no remote IRR, and is sent when one can', () => {
    chip.processor.accepts = false;
    chip.apic.line(10)(true);
    expect(chip.entry(10)).toBe(DELIVERY_STATUS | LEVEL | 0x3a);
    chip.processor.accepts = true;
    chip.bus.receptive();
    expect(vectors()).toEqual([0x3a]);
  });
});

test.each([
  ['SMI', 0x200],
  ['NMI', 0x400],
  ['INIT', 0x500],
  ['ExtINT', 0x700],
])('%s is an edge, whatever the entry says (bits 10..8)', (_, mode) => {
  chip.program(6, LEVEL | mode | 0x20);
  chip.apic.line(6)(true);
  chip.bus.endOfInterrupt(0x20);
  expect(chip.sent).toEqual([{ mode, vector: 0x20, level: false, destination: 0, logical: false }]);
  expect(chip.entry(6)).toBe(LEVEL | mode | 0x20);
});

test('a reset masks all inputs and leaves their levels', () => {
  chip.program(10, LEVEL | 0x3a);
  chip.apic.line(10)(true);
  chip.apic.reset();
  expect(chip.entry(10)).toBe(MASKED);
  chip.program(10, LEVEL | 0x3a);
  expect(vectors()).toEqual([0x3a, 0x3a]);
});

test('the saved form carries entries, levels, what is served and what is pending to another one', () => {
  chip.program(10, LEVEL | 0x3a);
  chip.program(4, 0x34);
  chip.apic.line(10)(true);
  chip.processor.accepts = false;
  pulse(4);
  const saved = structuredClone(chip.apic.save());
  chip = setUp();
  chip.apic.restore(saved);
  expect(chip.apic.save()).toEqual(saved);
  chip.bus.receptive();
  expect(vectors()).toEqual([0x34]);
  chip.bus.endOfInterrupt(0x3a);
  expect(vectors()).toEqual([0x3a]);
  expect(() => chip.apic.restore({ ...saved, low: undefined } as never)).toThrow('ioapic');
});
