import { describe, expect, it } from 'vitest';
import { ApicBus, DELIVERY_EXTERNAL, DELIVERY_FIXED, DELIVERY_INIT, DELIVERY_NMI } from '../../bus/apic-bus.ts';
import { MmioBus } from '../../bus/mmio-bus.ts';
import { TestBench } from '../testing/test-bench.ts';
import { LocalApic } from './local-apic.ts';
import * as R from './registers.ts';

const BASE = 0xfee00000;

function setUp() {
  const bench = new TestBench();
  const mmio = new MmioBus();
  const seen = { nmis: 0, inits: 0, resends: 0, ends: [] as number[] };
  const bus = new ApicBus();
  bus.connectSender({ endOfInterrupt: (vector) => seen.ends.push(vector), resend: () => seen.resends++ });
  const [nmi, init] = [() => seen.nmis++, () => seen.inits++];
  const apic = new LocalApic({ ...{ clock: bench.clock, bus, changed: () => {} }, nmi, init });
  apic.attach(mmio);
  const read = (register: number) => mmio.read(BASE + register, 4);
  const write = (register: number, value: number) => mmio.write(BASE + register, 4, value);
  return { bench, mmio, bus, apic, seen, read, write };
}

function enabled() {
  const machine = setUp();
  machine.write(R.SPURIOUS_VECTOR, 0x1ff);
  return machine;
}

const SELF = R.SHORTHAND_SELF << R.SHORTHAND_SHIFT;

describe('LocalApic', () => {
  it('is CPU 0, and lets the 8259 through until LINT0 is masked', () => {
    const { apic, read, write } = setUp();
    expect([read(0x20), read(R.VERSION) & 0xff, read(R.SPURIOUS_VECTOR)]).toEqual([0, 0x14, 0xff]);
    expect(apic.passesExternal).toBe(true);
    write(R.LVT_LINT0, R.LVT_MASKED | R.VIRTUAL_WIRE);
    expect(apic.passesExternal).toBe(false);
  });

  it('delivers what it sends itself, the highest vector first', () => {
    const { apic, read, write } = enabled();
    for (const vector of [0x41, 0x82, 0x61]) write(R.COMMAND_LOW, SELF | vector);
    expect(read(R.REQUEST + 0x20)).toBe(2);
    expect(apic.acknowledge()).toBe(0x82);
    expect(apic.interruptPending).toBe(false);
    expect(read(R.PROCESSOR_PRIORITY)).toBe(0x80);
    write(R.END_OF_INTERRUPT, 0);
    expect(apic.acknowledge()).toBe(0x61);
    write(R.END_OF_INTERRUPT, 0);
    write(R.TASK_PRIORITY, 0x50);
    expect(apic.interruptPending).toBe(false);
    write(R.TASK_PRIORITY, 0x30);
    expect(apic.interruptPending).toBe(true);
  });

  it('takes what is addressed to it, and loses what is sent to others', () => {
    const { apic, write } = enabled();
    write(R.COMMAND_HIGH, 1 << 24);
    write(R.COMMAND_LOW, 0x50);
    write(R.COMMAND_LOW, 0xc4500); // INIT to all but itself
    expect(apic.interruptPending).toBe(false);
    write(R.COMMAND_HIGH, 0);
    write(R.COMMAND_LOW, 0x50);
    expect(apic.acknowledge()).toBe(0x50);
  });

  it('passes NMIs that are addressed to it on, software-enabled or not', () => {
    const { apic, seen, write } = setUp();
    write(R.COMMAND_LOW, 0x4000 | DELIVERY_NMI);
    expect(seen.nmis).toBe(1);
    write(R.COMMAND_LOW, DELIVERY_NMI | (R.SHORTHAND_ALL << R.SHORTHAND_SHIFT));
    expect(seen.nmis).toBe(2);
    write(R.COMMAND_LOW, DELIVERY_NMI | SELF);
    write(R.COMMAND_HIGH, 1 << 24);
    write(R.COMMAND_LOW, DELIVERY_NMI);
    expect([seen.nmis, apic.interruptPending]).toEqual([2, false]);
  });

  it('interrupts once, or again and again, when its timer has run down', () => {
    const { bench, apic, read, write } = enabled();
    write(R.DIVIDE_CONFIGURATION, 0xb); // by 1
    write(R.LVT_TIMER, 0x40);
    write(R.INITIAL_COUNT, 1000);
    bench.advance(400);
    expect(read(R.CURRENT_COUNT)).toBe(600);
    expect(apic.interruptPending).toBe(false);
    bench.advance(600);
    expect(apic.acknowledge()).toBe(0x40);
    write(R.END_OF_INTERRUPT, 0);
    bench.advance(5000);
    expect([apic.interruptPending, read(R.CURRENT_COUNT)]).toEqual([false, 0]);
    write(R.LVT_TIMER, R.LVT_PERIODIC | 0x40);
    write(R.INITIAL_COUNT, 1000);
    for (let n = 0; n < 3; n++) {
      bench.advance(1000);
      expect(apic.acknowledge()).toBe(0x40);
      write(R.END_OF_INTERRUPT, 0);
    }
  });

  it('masks its local vectors when it is disabled', () => {
    const { read, write } = enabled();
    write(R.LVT_TIMER, 0x40);
    write(R.SPURIOUS_VECTOR, 0xff);
    expect(read(R.LVT_TIMER)).toBe(R.LVT_MASKED | 0x40);
  });

  it('interrupts however short its timer is: guest time goes on while it is being set', () => {
    let now = 0;
    const due: (() => void)[] = [];
    const schedule = (_at: number, callback: () => void) => {
      due.push(callback);
      return { cancel() {} };
    };
    // Every reading is later than the one before.
    const clock = { now: () => (now += 5000), schedule };
    const mmio = new MmioBus();
    const apic = new LocalApic({ ...{ clock, bus: new ApicBus(), changed: () => {} }, nmi: () => {}, init: () => {} });
    apic.attach(mmio);
    for (const [register, value] of [
      [R.SPURIOUS_VECTOR, 0x1ff],
      [R.LVT_TIMER, 0xec],
      [R.INITIAL_COUNT, 1],
    ])
      mmio.write(BASE + register, 4, value);
    expect(due).toHaveLength(1);
    due[0]();
    expect(apic.acknowledge()).toBe(0xec);
    mmio.write(BASE + R.LVT_TIMER, 4, 0xed);
    expect(due).toHaveLength(1);
  });

  it('lets an idle guest sleep over one-shots, and not over a series', () => {
    const { bench, write } = enabled();
    const { clock } = bench;
    write(R.DIVIDE_CONFIGURATION, 0xb); // by 1
    write(R.LVT_TIMER, 0x40);
    write(R.INITIAL_COUNT, 1000);
    expect([clock.nextDeadline(), clock.nextIdleDeadline()]).toEqual([1000, 200e6 + 1000]);
    write(R.LVT_TIMER, R.LVT_PERIODIC | 0x40);
    expect(clock.nextIdleDeadline()).toBe(1000);
  });

  it('does not interrupt for a one-shot that ran down while it was masked', () => {
    const { bench, apic, write } = enabled();
    write(R.LVT_TIMER, R.LVT_MASKED | 0xec);
    write(R.INITIAL_COUNT, 1000);
    bench.advance(1_000_000);
    write(R.LVT_TIMER, 0xec);
    bench.advance(1_000_000);
    expect(apic.interruptPending).toBe(false);
  });

  it('a one-shot that is due when it is saved interrupts where it is restored', () => {
    const { bench, apic, write } = enabled();
    write(R.LVT_TIMER, 0xec);
    write(R.INITIAL_COUNT, 1000);
    bench.stall(1_000_000);
    const other = setUp();
    other.bench.stall(2_000_000);
    other.apic.restore(apic.save());
    other.bench.advance(1);
    expect(other.apic.acknowledge()).toBe(0xec);
  });

  const fixed = { mode: DELIVERY_FIXED, vector: 0x31, level: false, destination: 0, logical: false };

  it('takes messages of the bus that are for it, and only while it is enabled by software', () => {
    const { bus, apic, seen, write } = setUp();
    expect(bus.send(fixed)).toBe(false);
    write(R.SPURIOUS_VECTOR, 0x1ff);
    expect(seen.resends).toBeGreaterThan(0);
    expect(bus.send({ ...fixed, destination: 1 })).toBe(false);
    expect(bus.send({ ...fixed, vector: 15 })).toBe(false);
    expect(bus.send(fixed)).toBe(true);
    expect(apic.acknowledge()).toBe(0x31);
    expect(bus.send({ ...fixed, mode: DELIVERY_INIT })).toBe(true);
    expect(seen.inits).toBe(1);
    apic.place(undefined);
    expect(bus.send({ ...fixed, mode: DELIVERY_NMI })).toBe(false);
  });

  // Vol. 3 §10.6.2.2
  it.each([
    ['flat', 0xffffffff, 0x04, [0x04, 0x0c, 0xff], [0x00, 0x08, 0xf3]],
    ['cluster', 0x0fffffff, 0x24, [0x24, 0x2c, 0xff], [0x00, 0x14, 0x22, 0x34]],
  ])('finds out which logical destinations are its own in the %s model', (_, format, own, reached, missed) => {
    const { bus, write } = enabled();
    write(R.DESTINATION_FORMAT, format);
    write(R.LOGICAL_DESTINATION, own << 24);
    const arrives = (destination: number) => bus.send({ ...fixed, destination, logical: true });
    expect([reached.map(arrives), missed.map(arrives)]).toEqual([reached.map(() => true), missed.map(() => false)]);
  });

  it('tells of the end of what came as a level, and of nothing else', () => {
    const { bus, apic, seen, read, write } = enabled();
    bus.send({ ...fixed, level: true });
    bus.send({ ...fixed, vector: 0x32 });
    expect(read(R.TRIGGER_MODE + 0x10)).toBe(1 << 0x11);
    for (const vector of [0x32, 0x31]) {
      expect(apic.acknowledge()).toBe(vector);
      write(R.END_OF_INTERRUPT, 0);
    }
    write(R.END_OF_INTERRUPT, 0);
    expect(seen.ends).toEqual([0x31]);
    bus.send(fixed);
    expect(read(R.TRIGGER_MODE + 0x10)).toBe(0);
  });

  it('has the 8259 asked once by an ExtINT message, although LINT0 is masked', () => {
    const { bus, apic, write } = enabled();
    write(R.LVT_LINT0, R.LVT_MASKED);
    bus.send({ ...fixed, mode: DELIVERY_EXTERNAL });
    expect(apic.passesExternal).toBe(true);
    const other = setUp();
    other.apic.restore(structuredClone(apic.save()));
    expect(other.apic.passesExternal).toBe(true);
    apic.externalAcknowledged();
    expect(apic.passesExternal).toBe(false);
  });

  it('gives the spurious vector when what was pending no longer is', () => {
    const { bus, apic, read, write } = enabled();
    bus.send(fixed);
    write(R.TASK_PRIORITY, 0x40);
    expect(apic.acknowledge()).toBe(0xff);
    expect(read(R.IN_SERVICE + 0x10)).toBe(0);
    write(R.TASK_PRIORITY, 0);
    expect(apic.acknowledge()).toBe(0x31);
  });

  it('is saved with the levels it serves', () => {
    const one = enabled();
    one.bus.send({ ...fixed, level: true });
    one.apic.acknowledge();
    const two = setUp();
    two.apic.restore(structuredClone(one.apic.save()));
    two.write(R.END_OF_INTERRUPT, 0);
    expect(two.seen.ends).toEqual([0x31]);
  });

  it('is saved with its timer running', () => {
    const one = enabled();
    one.write(R.DIVIDE_CONFIGURATION, 0xb);
    one.write(R.LVT_TIMER, 0x40);
    one.write(R.COMMAND_LOW, SELF | 0x41);
    one.write(R.INITIAL_COUNT, 1000);
    const two = setUp();
    two.apic.restore(structuredClone(one.apic.save()));
    expect(two.apic.acknowledge()).toBe(0x41);
    two.write(R.END_OF_INTERRUPT, 0);
    two.bench.advance(1000);
    expect(two.apic.acknowledge()).toBe(0x40);
  });

  it('is where it is put, and as after reset when it was nowhere', () => {
    const { mmio, apic, write } = enabled();
    write(R.LVT_LINT0, R.LVT_MASKED);
    apic.place(0x42000000);
    expect(mmio.read(BASE + R.VERSION, 4)).toBe(0xffffffff);
    expect(mmio.read(0x42000000 + R.SPURIOUS_VECTOR, 4)).toBe(0x1ff);
    apic.place(undefined);
    expect(mmio.read(0x42000000 + R.VERSION, 4)).toBe(0xffffffff);
    expect(apic.passesExternal).toBe(true);
    apic.place(BASE);
    expect(mmio.read(BASE + R.SPURIOUS_VECTOR, 4)).toBe(0xff);
    apic.place(0x42000000);
    apic.reset();
    expect(mmio.read(BASE + R.SPURIOUS_VECTOR, 4)).toBe(0xff);
  });
});
