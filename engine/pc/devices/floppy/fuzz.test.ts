// Anything a guest may write: no exception, no endless loop, no unbounded memory, and after a reset the controller works.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestDrive } from '../testing/test-drive.ts';
import { COMMANDS } from './commands.ts';
import { FloppyBench } from './testing/floppy-bench.ts';
import { image, imageByte } from './testing/scenarios.ts';

const SEED = 82078;
const DISK = image(1440);
const BUFFER = 0x20000;

const byte = fc.integer({ min: 0, max: 255 });
/** Often something that is there. */
const parameter = fc.oneof(byte, fc.integer({ min: 0, max: 4 }), fc.constantFrom(18, 36, 79));
const command = fc
  .tuple(fc.constantFrom(...Object.values(COMMANDS)), byte, fc.array(parameter, { minLength: 16, maxLength: 16 }))
  .map(([{ code, mask, length }, options, bytes]) => ({
    kind: 'command' as const,
    bytes: [code | (options & ~mask & 0xff), ...bytes.slice(0, length - 1)],
  }));
const action = fc.oneof(
  { weight: 4, arbitrary: command },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('results' as const), count: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('steps' as const), count: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('dma' as const),
      mode: byte.map((mode) => (mode & ~3) | 2),
      address: fc.integer({ min: 0, max: 0x110000 }),
      length: fc.oneof(fc.integer({ min: 1, max: 0x10000 }), fc.constantFrom(512, 1024, 72)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('out' as const),
      port: fc.constantFrom(
        0x3f0,
        0x3f2,
        0x3f3,
        0x3f4,
        0x3f5,
        0x3f7,
        0x08,
        0x09,
        0x0b,
        0x0d,
        0x0e,
        0x0f,
        0xd0,
        0xd2,
        0xd4,
      ),
      value: byte,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('medium' as const),
      unit: fc.integer({ min: 0, max: 1 }),
      size: fc.constantFrom(undefined, 0, 512, 360 * 1024, 720 * 1024, 1440 * 1024, 2880 * 1024, 4096 * 1024),
      readOnly: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      failure: fc.constantFrom('gone', 'failed', 'read-only', 'out-of-range'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('page' as const), page: fc.integer({ min: 0x1e, max: 0x24 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'move' as const }) },
);

test('random commands, transfers, media, failures and moves', () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 10, maxLength: 60 }), (actions) => {
      let b = new FloppyBench([new TestDrive(DISK.slice()), new TestDrive(undefined)]);
      for (const a of actions) {
        if (a.kind === 'command') b.command(...a.bytes);
        else if (a.kind === 'results') for (let i = 0; i < a.count; i++) b.in(0x3f5);
        else if (a.kind === 'steps') for (let i = 0; i < a.count; i++) b.step();
        else if (a.kind === 'dma') b.programDma(a.mode, a.address, a.length);
        else if (a.kind === 'out') b.out(a.port, a.value);
        else if (a.kind === 'fail') b.media[0].failures.push(a.failure);
        else if (a.kind === 'page') b.ram.absent.has(a.page) ? b.ram.absent.delete(a.page) : b.ram.absent.add(a.page);
        else if (a.kind === 'move') b = b.moved();
        else {
          b.media[a.unit].insert(a.size === undefined ? undefined : new Uint8Array(a.size), a.readOnly);
          b.drives[a.unit].mediumChanged();
        }
        const status = b.in(0x3f4);
        expect(status).toBeLessThan(0x100);
        expect(b.controller.save().operation.data.length).toBeLessThanOrEqual(36 * 512);
      }
      worksAgain(b);
    }),
    { seed: SEED, numRuns: 150 },
  );
});

function worksAgain(b: FloppyBench): void {
  b.ram.absent.clear();
  for (const medium of b.media) medium.failures = [];
  b.media[0].insert(DISK.slice());
  b.drives[0].mediumChanged();
  b.out(0x0d, 0);
  b.out(0xda, 0);
  b.out(0xd6, 0xc0);
  b.out(0xd4, 0);
  b.out(0x3f2, 0);
  b.out(0x3f2, 0x1c);
  b.settle();
  b.out(0x3f7, 0);
  b.command(0x03, 0xaf, 0x02);
  b.command(0x07, 0);
  b.settle();
  expect(b.sense()).toEqual([0x20, 0]);
  b.programDma(0x46, BUFFER, 512);
  expect(b.run(0xe6, 0, 5, 0, 3, 2, 18, 0x1b, 0xff)).toEqual([0, 0, 0, 5, 0, 4, 2]);
  const sector = 5 * 36 + 2;
  expect([...b.ram.bytes.subarray(BUFFER, BUFFER + 512)]).toEqual(
    Array.from({ length: 512 }, (_, i) => imageByte(sector, i)),
  );
}
