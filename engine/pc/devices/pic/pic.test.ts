import { beforeEach, describe, expect, test } from 'vitest';
import { type RecordedLine, recordedLine, TestBench } from '../testing/test-bench.ts';
import { Pic } from './pic.ts';

let bench: TestBench;
let intr: RecordedLine;
let pic: Pic;

beforeEach(() => {
  bench = new TestBench();
  intr = recordedLine();
  pic = new Pic(intr);
  pic.attach(bench.ports);
  pic.reset();
});

/** As Linux sets them up: vectors 20h and 28h, everything unmasked. */
function initialize(icw4 = 0x01): void {
  for (const [base, vector, cascade] of [
    [0x20, 0x20, 4],
    [0xa0, 0x28, 2],
  ]) {
    bench.out(base, 0x11);
    bench.out(base + 1, vector);
    bench.out(base + 1, cascade);
    bench.out(base + 1, icw4);
    bench.out(base + 1, 0);
  }
}

function raise(irq: number): void {
  pic.line(irq)(false);
  pic.line(irq)(true);
}

function inService(chip: number): number {
  bench.out(chip, 0x0b);
  return bench.in(chip);
}

describe('edge-triggered', () => {
  beforeEach(() => initialize());

  test('an edge is delivered once, with its vector, on either chip', () => {
    raise(4);
    expect(pic.interruptPending).toBe(true);
    expect(pic.acknowledge()).toBe(0x24);
    expect(intr.level).toBe(false);
    bench.out(0x20, 0x20);
    expect(intr.level).toBe(false); // the line is still high, but there was no new edge
    raise(12);
    expect(pic.acknowledge()).toBe(0x2c);
    expect([inService(0x20), inService(0xa0)]).toEqual([0x04, 0x10]);
  });

  test('an edge that falls before the acknowledge still counts', () => {
    pic.line(0)(true);
    pic.line(0)(false);
    expect(pic.acknowledge()).toBe(0x20);
  });

  test('a lower number has priority; what is in service holds back equal and lower', () => {
    raise(5);
    raise(1);
    expect(pic.acknowledge()).toBe(0x21);
    expect(intr.level).toBe(false);
    raise(0);
    expect(pic.acknowledge()).toBe(0x20); // nests
    raise(0);
    expect(intr.level).toBe(false);
    bench.out(0x20, 0x20);
    expect(pic.acknowledge()).toBe(0x20);
    bench.out(0x20, 0x20);
    bench.out(0x20, 0x20);
    expect(pic.acknowledge()).toBe(0x25);
  });

  test('the slave ranks as input 2, and a second slave request waits for its EOI', () => {
    raise(3);
    raise(14);
    raise(8);
    expect(pic.acknowledge()).toBe(0x28);
    bench.out(0xa0, 0x20);
    bench.out(0x20, 0x20);
    expect(pic.acknowledge()).toBe(0x2e);
    bench.out(0xa0, 0x20);
    bench.out(0x20, 0x20);
    expect(pic.acknowledge()).toBe(0x23);
  });

  test('the mask register holds back requests without losing them', () => {
    bench.out(0x21, 0xff);
    raise(4);
    expect(intr.level).toBe(false);
    bench.out(0x20, 0x0a);
    expect(bench.in(0x20)).toBe(0x10);
    expect(bench.in(0x21)).toBe(0xff);
    bench.out(0x21, 0xef);
    expect(pic.acknowledge()).toBe(0x24);
  });

  test('a request masked between INTR and acknowledge gives the spurious vector, nothing in service', () => {
    raise(4);
    bench.out(0x21, 0xff);
    expect(pic.acknowledge()).toBe(0x27);
    expect(inService(0x20)).toBe(0);
  });

  test('the same on the slave gives IRQ 15 with the cascade in service', () => {
    raise(12);
    // The slave is masked after its output has been latched by the master.
    bench.out(0xa1, 0xff);
    expect(pic.acknowledge()).toBe(0x2f);
    expect([inService(0x20), inService(0xa0)]).toEqual([0x04, 0]);
  });

  test('a new initialization forgets requests and what was in service', () => {
    raise(4);
    pic.acknowledge();
    raise(3);
    initialize();
    expect(intr.level).toBe(false);
    expect(inService(0x20)).toBe(0);
  });
});

describe('level-triggered', () => {
  beforeEach(() => {
    initialize();
    bench.out(0x4d1, 0x02); // IRQ 9
  });

  test('requests again after EOI while the line is high, and not when it has dropped', () => {
    pic.line(9)(true);
    expect(pic.acknowledge()).toBe(0x29);
    bench.out(0xa0, 0x20);
    bench.out(0x20, 0x20);
    expect(pic.acknowledge()).toBe(0x29);
    pic.line(9)(false);
    bench.out(0xa0, 0x20);
    bench.out(0x20, 0x20);
    expect(intr.level).toBe(false);
  });

  test('ELCR reads back; timer, keyboard, cascade, RTC and FPU stay edge-triggered', () => {
    bench.out(0x4d0, 0xffff, 2);
    expect(bench.in(0x4d0, 2)).toBe(0xdef8);
  });

  test('a line already high requests when it becomes level-triggered', () => {
    pic.line(11)(true);
    pic.acknowledge();
    bench.out(0xa0, 0x20);
    bench.out(0x20, 0x20);
    expect(intr.level).toBe(false);
    bench.out(0x4d1, 0x0a);
    expect(pic.acknowledge()).toBe(0x2b);
  });
});

describe('operation modes', () => {
  test('automatic EOI leaves nothing in service, and successive slave requests all arrive', () => {
    initialize(0x03);
    raise(10);
    raise(11);
    expect(pic.acknowledge()).toBe(0x2a);
    expect(intr.level).toBe(true);
    expect(pic.acknowledge()).toBe(0x2b);
    expect([inService(0x20), inService(0xa0)]).toEqual([0, 0]);
  });

  test('specific EOI, and rotation gives the one served the lowest priority', () => {
    initialize();
    raise(3);
    raise(5);
    pic.acknowledge();
    bench.out(0x20, 0xe3); // rotate on specific EOI of 3
    raise(3);
    expect(pic.acknowledge()).toBe(0x25);
    bench.out(0x20, 0x65); // specific EOI
    expect(pic.acknowledge()).toBe(0x23);
  });

  test('set priority', () => {
    initialize();
    bench.out(0x20, 0xc4); // 4 lowest, so 5 highest
    raise(1);
    raise(5);
    expect(pic.acknowledge()).toBe(0x25);
  });

  test('special mask mode lets lower interrupts in while a masked one is in service', () => {
    initialize();
    raise(1);
    pic.acknowledge();
    raise(6);
    expect(intr.level).toBe(false);
    bench.out(0x21, 0x02);
    bench.out(0x20, 0x68);
    expect(pic.acknowledge()).toBe(0x26);
    bench.out(0x20, 0x48); // reset special mask
    expect(inService(0x20)).toBe(0x42);
  });

  test('special fully nested: a higher slave request interrupts a lower one in service', () => {
    initialize(0x11);
    raise(12);
    expect(pic.acknowledge()).toBe(0x2c);
    raise(8);
    expect(pic.acknowledge()).toBe(0x28);
  });

  test('poll acknowledges through a read', () => {
    initialize();
    bench.out(0x20, 0x0c);
    expect(bench.in(0x20)).toBe(0x07);
    raise(6);
    bench.out(0x20, 0x0c);
    expect(bench.in(0x20)).toBe(0x86);
    expect(inService(0x20)).toBe(0x40);
  });

  test('a chip set up as single without ICW4 skips those words', () => {
    bench.out(0x20, 0x12);
    bench.out(0x21, 0x40);
    bench.out(0x21, 0xfe); // already the mask
    raise(0);
    expect(pic.acknowledge()).toBe(0x40);
  });
});

test('the saved form carries requests, mask, service and modes to another controller', () => {
  initialize();
  bench.out(0x4d1, 0x02);
  raise(4);
  pic.acknowledge();
  raise(0);
  pic.line(9)(true);
  const line = recordedLine();
  const copy = new Pic(line);
  copy.restore(structuredClone(pic.save()));
  expect(copy.save()).toEqual(pic.save());
  expect(line.level).toBe(true);
  expect(copy.acknowledge()).toBe(0x20);
});
