import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TypedKey } from '../../bus/input.ts';
import { KEYS } from '../../input/key-table.ts';
import { recordedLine, TestBench } from '../testing/test-bench.ts';
import { KeyboardController } from './i8042.ts';

const byte = fc.nat(255);
const key = fc.constantFrom(...KEYS.map(({ code }) => code), 'NoKey');
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('out' as const), port: fc.constantFrom(0x60, 0x64), value: byte }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('in' as const), port: fc.constantFrom(0x60, 0x64) }) },
  fc.record({ kind: fc.constant('key' as const), code: key, pressed: fc.boolean() }),
  fc.record({
    kind: fc.constant('move' as const),
    dx: fc.integer({ min: -70_000, max: 70_000 }),
    dy: fc.integer({ min: -70_000, max: 70_000 }),
    wheel: fc.integer({ min: -99, max: 99 }),
    horizontalWheel: fc.integer({ min: -99, max: 99 }),
    buttons: byte,
  }),
  fc.record({
    kind: fc.constant('type' as const),
    keys: fc.array(fc.array(typedKey(), { maxLength: 3 }), { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('wait' as const), us: fc.nat(700_000) }),
  fc.record({ kind: fc.constant('move on' as const) }),
);

function typedKey(): fc.Arbitrary<TypedKey> {
  return fc.record({ code: key, shift: fc.boolean(), altGr: fc.boolean() });
}

function build(bench: TestBench): KeyboardController {
  const controller = new KeyboardController({
    ...{ clock: bench.clock, irq: recordedLine(), auxIrq: recordedLine(), a20: { enabled: true, set: () => {} } },
    ...{ setUp: false, reset: () => {}, inputChanged: () => {} },
  });
  controller.attach(bench.ports);
  controller.reset();
  return controller;
}

function size(controller: KeyboardController): number {
  const { keyboard, mouse, keyQueue } = controller.save();
  const lists = [keyboard.buffer, keyboard.replies, keyboard.held, keyboard.owed, mouse.replies, mouse.packet];
  return Math.max(...lists.map(({ length }) => length), mouse.moves.length, mouse.rates.length, keyQueue.steps.length);
}

test('whatever a guest and a user do, it answers bytes, keeps little, and its saved form is taken over', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let bench = new TestBench();
      let controller = build(bench);
      for (const event of steps) {
        if (event.kind === 'out') bench.out(event.port, event.value);
        else if (event.kind === 'in') expect(bench.in(event.port)).toBeLessThan(256);
        else if (event.kind === 'key') controller.keyQueue.key(event.code, event.pressed);
        else if (event.kind === 'move') controller.mouse.move(event);
        else if (event.kind === 'type') controller.keyQueue.type(event.keys);
        else if (event.kind === 'wait') bench.advance(event.us * 1000);
        else {
          const target = new TestBench();
          target.clock.restore(bench.clock.save());
          target.clock.resume();
          const copy = build(target);
          const state = structuredClone(controller.save());
          copy.restore(state);
          bench = target;
          controller = copy;
        }
        expect(size(controller)).toBeLessThanOrEqual(KEYS.length);
      }
    }),
    { seed: 8042, numRuns: 300 },
  );
});

test('a guest that reads all always learns that every key is released', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.record({ code: key, pressed: fc.boolean() }), fc.constant('read' as const)), {
        maxLength: 200,
      }),
      (events) => {
        const bench = new TestBench();
        const controller = build(bench);
        bench.out(0x64, 0x60);
        bench.out(0x60, 0x40);
        const held = new Set<number>();
        let prefix = 0;
        const read = () => {
          bench.advance(1e6);
          if (!(bench.in(0x64) & 1)) return false;
          const code = bench.in(0x60);
          if (code === 0xe0 || code === 0xe1) prefix = code;
          else {
            const name = (prefix << 8) | (code & 0x7f);
            if (code & 0x80) held.delete(name);
            else if (prefix !== 0xe1) held.add(name);
            prefix = 0;
          }
          return true;
        };
        for (const event of events) {
          if (event === 'read') read();
          else if (!SPECIAL.has(event.code)) controller.keyQueue.key(event.code, event.pressed);
        }
        controller.keyQueue.releaseAll();
        while (read());
        // The overrun code is no key.
        held.delete(0x7f);
        expect([...held]).toEqual([]);
      },
    ),
    { seed: 16, numRuns: 200 },
  );
});

/** Their codes have no releases, or bytes that this simple reader cannot follow. */
const SPECIAL = new Set(['Pause', 'Lang1', 'Lang2', 'PrintScreen']);
