import { describe, expect, it } from 'vitest';
import { MmioBus } from '../../bus/mmio-bus.ts';
import { TestBench } from '../testing/test-bench.ts';
import { LocalApic } from './local-apic.ts';
import * as R from './registers.ts';

const BASE = 0xfee00000;

function setUp() {
  const bench = new TestBench();
  const mmio = new MmioBus();
  const seen = { nmis: 0 };
  const apic = new LocalApic({ clock: bench.clock, changed: () => {}, nmi: () => seen.nmis++ });
  apic.attach(mmio);
  const read = (register: number) => mmio.read(BASE + register, 4);
  const write = (register: number, value: number) => mmio.write(BASE + register, 4, value);
  return { bench, mmio, apic, seen, read, write };
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
    write(R.COMMAND_LOW, 0x4000 | R.DELIVERY_NMI);
    expect(seen.nmis).toBe(1);
    write(R.COMMAND_LOW, R.DELIVERY_NMI | (R.SHORTHAND_ALL << R.SHORTHAND_SHIFT));
    expect(seen.nmis).toBe(2);
    write(R.COMMAND_LOW, R.DELIVERY_NMI | SELF);
    write(R.COMMAND_HIGH, 1 << 24);
    write(R.COMMAND_LOW, R.DELIVERY_NMI);
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
    const apic = new LocalApic({ clock, changed: () => {}, nmi: () => {} });
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
