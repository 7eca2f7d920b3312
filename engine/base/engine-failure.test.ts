import { expect, it } from 'vitest';
import { EngineFailure, failedIn, forUsers } from './engine-failure.ts';

class ImageError extends Error {
  override name = 'ImageError';
}

function trap(): unknown {
  // A module whose start function is UNREACHABLE.
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 8, 1, 0, 10, 5, 1, 3, 0, 0, 0x0b];
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)));
  } catch (error) {
    return error;
  }
}

it('says what was being done first, and what the engine said second', () => {
  const failure = failedIn('while running guest code', trap());
  expect(failure.message).toMatch(/^the engine failed, while running guest code \(RuntimeError: unreachable/);
});

it('keeps the innermost circumstance', () => {
  const inner = failedIn('while reading port 0x60', new TypeError('x is undefined'));
  expect(failedIn('while running guest code', inner)).toBe(inner);
});

it('leaves messages for users as they are, and never shows another alone', () => {
  for (const error of [new ImageError('not a bzImage'), new EngineFailure('while saving', 'RangeError: x')])
    expect(forUsers('while starting', error)).toBe(error);
  for (const error of [new TypeError('x is undefined'), trap(), 'oops', undefined, new Error('')])
    expect(forUsers('while starting', error).message).toMatch(/^the engine failed, while starting \(/);
});

it('knows errors that have crossed a worker’s border by their names', () => {
  const crossed = Object.assign(new Error('x is undefined'), { name: 'TypeError' });
  expect(forUsers('while starting', crossed).message).toBe(
    'the engine failed, while starting (TypeError: x is undefined)',
  );
});
