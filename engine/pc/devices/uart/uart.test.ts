import { beforeEach, describe, expect, test } from 'vitest';
import { type RecordedLine, recordedLine, TestBench } from '../testing/test-bench.ts';
import { Uart } from './uart.ts';

const BASE = 0x3f8;
const [DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR] = [0, 1, 2, 3, 4, 5, 6, 7].map((r) => BASE + r);
/** ns of a character at 115200 baud, 8N1. */
const CHARACTER = 1e9 / 11520;

let bench: TestBench;
let irq: RecordedLine;
let sent: Uint8Array[];
let uart: Uart;
let rooms: number;

beforeEach(() => {
  bench = new TestBench();
  irq = recordedLine();
  sent = [];
  uart = new Uart({ clock: bench.clock, irq, output: (bytes) => sent.push(bytes), room: () => rooms++ });
  rooms = 0;
  uart.attach(bench.ports, BASE);
  uart.reset();
});

const text = (t: string) => new TextEncoder().encode(t);
const printed = () => sent.map((bytes) => new TextDecoder().decode(bytes));

/** FIFO on with trigger level 8, RTS, DTR and OUT2 up, as Linux's driver opens a port. */
function open(ier: number): void {
  bench.out(IIR, 0x87);
  bench.out(MCR, 0x0b);
  bench.out(IER, ier);
}

function drain(): string {
  let received = '';
  while (bench.in(LSR) & 1) received += String.fromCharCode(bench.in(DATA));
  return received;
}

describe('sending', () => {
  test('bytes come out in bursts, in order', () => {
    for (const byte of text('hello')) bench.out(DATA, byte);
    expect(printed()).toEqual([]);
    bench.advance(1.1e6);
    expect(printed()).toEqual(['hello']);
    for (const byte of text(' world')) bench.out(DATA, byte);
    uart.flush();
    bench.advance(1e9);
    expect(printed()).toEqual(['hello', ' world']);
  });

  test('a long burst is delivered when the buffer is full', () => {
    for (let i = 0; i < 10_000; i++) bench.out(DATA, i & 0xff);
    uart.flush();
    expect(sent.map((bytes) => bytes.length)).toEqual([4096, 4096, 1808]);
    expect(sent[2][0]).toBe(8192 & 0xff);
  });

  test('the transmitter is always empty', () => {
    bench.out(DATA, 65);
    expect(bench.in(LSR) & 0x60).toBe(0x60);
  });

  test('its interrupt comes when enabled, goes by reading IIR, and comes again after each write', () => {
    open(0x02);
    expect(irq.level).toBe(true);
    expect(bench.in(IIR)).toBe(0xc2);
    expect(irq.level).toBe(false);
    expect(bench.in(IIR)).toBe(0xc1);
    bench.out(DATA, 65);
    expect(irq.level).toBe(true);
    bench.in(IIR);
    bench.out(IER, 0);
    bench.out(IER, 2);
    expect(bench.in(IIR)).toBe(0xc2);
  });
});

describe('receiving', () => {
  test('data below the trigger level interrupts by timeout after four characters', () => {
    open(0x01);
    uart.receive(text('ab'));
    expect(irq.level).toBe(false);
    bench.advance(3.9 * CHARACTER);
    expect(irq.level).toBe(false);
    bench.advance(0.2 * CHARACTER);
    expect(bench.in(IIR)).toBe(0xcc);
    expect(drain()).toBe('ab');
    expect(irq.level).toBe(false);
  });

  test('data at the trigger level interrupts at once', () => {
    open(0x01);
    uart.receive(text('abcdefgh'));
    expect(bench.in(IIR)).toBe(0xc4);
    expect(irq.level).toBe(true);
  });

  test('the FIFO takes sixteen; the rest waits and arrives in order, at the speed of the line', () => {
    open(0x01);
    const input = 'x'.repeat(16) + 'y'.repeat(16) + 'z'.repeat(8);
    uart.receive(text(input));
    let received = drain();
    expect(received).toBe('x'.repeat(16));
    const begin = bench.clock.now();
    while (received.length < input.length) {
      bench.advance(CHARACTER);
      received += drain();
    }
    expect(received).toBe(input);
    expect(bench.clock.now() - begin).toBeGreaterThan(30 * CHARACTER);
    expect(bench.in(LSR) & 0x02).toBe(0);
  });

  test('the divisor does not slow it down', () => {
    bench.out(LCR, 0x83);
    bench.out(DATA, 12); // 9600 baud
    bench.out(LCR, 0x03);
    open(0x01);
    uart.receive(text('x'.repeat(17)));
    drain();
    bench.advance(17 * CHARACTER);
    expect(drain()).toBe('x');
  });

  test('the queue is bounded, and says when it has room after it was full', () => {
    open(0x01);
    expect(uart.receive(text('a'.repeat(10_000)))).toBe(4096);
    expect(uart.receive(text('b'))).toBeLessThanOrEqual(1);
    expect(rooms).toBe(0);
    let received = '';
    while (received.length < 3000) {
      received += drain();
      bench.advance(CHARACTER);
    }
    expect(rooms).toBe(1);
    expect(received).toBe('a'.repeat(received.length));
  });

  test('what waits is forgotten on request and by a reset; then there is room', () => {
    open(0x01);
    uart.receive(text('a'.repeat(10_000)));
    uart.discardInput();
    expect(rooms).toBe(1);
    expect(drain()).toBe('a'.repeat(16));
    bench.advance(1e9);
    expect(drain()).toBe('');
    uart.receive(text('b'.repeat(10_000)));
    uart.reset();
    expect(rooms).toBe(2);
    open(0x01);
    bench.advance(1e9);
    expect(drain()).toBe('');
  });

  test('input waits until the guest raises RTS', () => {
    open(0x01);
    bench.out(MCR, 0x09);
    uart.receive(text('abc'));
    bench.advance(1e9);
    expect(drain()).toBe('');
    bench.out(MCR, 0x0b);
    expect(drain()).toBe('abc');
  });

  test('a driver that never touches the modem lines is served once its interrupt is on', () => {
    uart.receive(text('k'));
    expect(drain()).toBe('');
    bench.out(IER, 0x01);
    expect(irq.level).toBe(true);
    expect(drain()).toBe('k');
  });

  test('clearing the FIFO drops what is in it, not what waits', () => {
    open(0x01);
    uart.receive(text(`${'a'.repeat(16)}b`));
    bench.out(IIR, 0x83);
    bench.advance(20 * CHARACTER);
    expect(drain()).toBe('b');
  });
});

test('interrupt sources rank: line status, data, transmitter, modem status', () => {
  open(0x0f);
  bench.out(MCR, 0x1f); // loopback, all outputs up: modem lines change
  for (let i = 0; i < 17; i++) bench.out(DATA, i); // overruns the FIFO
  expect(bench.in(IIR)).toBe(0xc6);
  expect(bench.in(LSR) & 0x1f).toBe(0x03);
  expect(bench.in(IIR)).toBe(0xc4);
  drain();
  expect(bench.in(IIR)).toBe(0xc2);
  bench.out(MCR, 0x10); // ring ends, which is reported, and the rest drops
  expect(bench.in(IIR)).toBe(0xc0);
  expect(bench.in(MSR)).toBe(0x0f);
  expect(bench.in(IIR)).toBe(0xc1);
  expect(irq.level).toBe(false);
});

describe('what drivers probe', () => {
  test('loopback ties outputs to inputs; without it a terminal is connected', () => {
    expect(bench.in(MSR) & 0xf0).toBe(0xb0);
    bench.out(MCR, 0x1a);
    expect(bench.in(MSR) & 0xf0).toBe(0x90);
    bench.out(DATA, 0x42);
    expect(bench.in(DATA)).toBe(0x42);
    uart.flush();
    expect(sent).toEqual([]);
  });

  test('it is a 16550A: FIFO bits, no 64-byte FIFO, no enhanced registers', () => {
    bench.out(IER, 0xff);
    expect(bench.in(IER)).toBe(0x0f);
    bench.out(IER, 0);
    expect(bench.in(IIR) >> 6).toBe(0);
    bench.out(IIR, 0x01);
    expect(bench.in(IIR) >> 6).toBe(3);
    bench.out(LCR, 0x83);
    bench.out(IIR, 0x21);
    expect(bench.in(IIR) >> 5).toBe(6);
    bench.out(LCR, 0xbf);
    expect(bench.in(IIR)).not.toBe(0);
  });

  test('divisor and scratch registers read back', () => {
    bench.out(LCR, 0x80);
    bench.out(DATA, 0x34);
    bench.out(IER, 0x12);
    expect([bench.in(DATA), bench.in(IER)]).toEqual([0x34, 0x12]);
    bench.out(LCR, 0x03);
    expect(bench.in(IER)).toBe(0);
    bench.out(SCR, 0xa5);
    expect(bench.in(SCR)).toBe(0xa5);
  });
});

test('the saved form carries registers, FIFO, waiting input and the pending timeout', () => {
  open(0x01);
  uart.receive(text(`${'a'.repeat(16)}bcd`));
  drain();
  uart.receive(text('e'));
  const state = structuredClone(uart.save());
  const target = new TestBench();
  const line = recordedLine();
  const copy = new Uart({ clock: target.clock, irq: line, output: () => {} });
  copy.attach(target.ports, BASE);
  target.clock.restore(bench.clock.save());
  target.clock.resume();
  copy.restore(state);
  expect(copy.save()).toEqual(state);
  target.advance(30 * CHARACTER);
  expect(line.rises).toBe(1);
  bench = target;
  expect(drain()).toBe('bcde');
});
