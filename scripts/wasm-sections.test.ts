import { compileString } from 'assemblyscript/asc';
import { expect, it } from 'vitest';
import { outline } from './wasm-sections.ts';

async function compile(source: string): Promise<Uint8Array> {
  const { error, binary } = await compileString(source, { runtime: 'stub', memoryBase: 1024, initialMemory: 16 });
  if (error || !binary) throw error ?? new Error('no output');
  return binary;
}

it('reads the signatures of exported functions, behind imported ones', async () => {
  const { functions, hasStart, mutableGlobals } = outline(
    await compile(`
      declare function other(a: f32): void;
      export function f(a: usize, b: i64): f64 { other(1); return <f64>b + <f64>a; }
      export function g(): void { other(2); }
    `),
  );
  expect(functions.get('f')).toBe('il:d');
  expect(functions.get('g')).toBe(':v');
  expect(hasStart).toBe(false);
  expect(mutableGlobals).toBe(0);
});

it('finds a start function and mutable globals', async () => {
  const source = 'declare function other(): i32; let counter = other(); export function f(): i32 { return counter++; }';
  const found = outline(await compile(source));
  expect(found.hasStart).toBe(true);
  expect(found.mutableGlobals).toBe(1);
});

it('finds table elements and the end of static data', async () => {
  const found = outline(
    await compile(`
      const bytes = memory.data<u8>([1, 2, 3, 4, 5]);
      function twice(a: i32): i32 { return a + a; }
      function thrice(a: i32): i32 { return a * 3; }
      export function f(n: i32): i32 { return (n ? twice : thrice)(load<u8>(bytes)); }
    `),
  );
  expect(found.hasElements).toBe(true);
  expect(found.dataEnd).toBeGreaterThanOrEqual(1024 + 5);
  expect(found.dataEnd).toBeLessThan(1024 + 256);
});
