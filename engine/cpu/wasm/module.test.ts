import { describe, expect, it } from 'vitest';
import { Body, type FunctionBody } from './body.ts';
import { I32, I64, V128 } from './encoding.ts';
import { ModuleBuilder, signature } from './module.ts';

function constant(value: number): FunctionBody {
  const body = new Body([]);
  body.i32(value).emit();
  return body.finish();
}

describe('signature', () => {
  it('reads parameters and result', () => {
    expect(signature('iils:l')).toEqual({ parameters: [I32, I32, I64, V128], results: [I64] });
    expect(signature('i:v')).toEqual({ parameters: [I32], results: [] });
    expect(signature('')).toEqual({ parameters: [], results: [] });
  });

  it('names the letter it does not know', () => {
    expect(() => signature('ix:i')).toThrow("'x' in signature 'ix:i'");
  });
});

describe('ModuleBuilder', () => {
  it('makes an empty module', () => {
    expect(WebAssembly.validate(new ModuleBuilder().finish())).toBe(true);
  });

  it('gives equal signatures one type', () => {
    const module = new ModuleBuilder();
    const type = module.typeIndex([I32, I32], [I64]);
    expect(module.typeIndex([I32], [I32, I64])).not.toBe(type);
    expect(module.typeIndex([I32, I32], [I64])).toBe(type);
  });

  it('numbers functions behind the imported ones, and exports them by name', () => {
    const module = new ModuleBuilder();
    const imported = module.importFunction('host', 'twice', { parameters: [I32], results: [I32] });
    const body = new Body([I32]);
    body.call(imported, I32, body.get(0).add(1)).emit();
    const index = module.addFunction(module.typeIndex([I32], [I32]), body.finish());
    module.exportFunction('next twice', index);
    expect([imported, index]).toEqual([0, 1]);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), {
      host: { twice: (n: number) => 2 * n },
    });
    expect((exports['next twice'] as (n: number) => number)(20)).toBe(42);
  });

  it('refuses an import after a function, which would shift its index', () => {
    const module = new ModuleBuilder();
    module.addFunction(module.typeIndex([], [I32]), constant(1));
    expect(() => module.importFunction('host', 'late', { parameters: [], results: [] })).toThrow('before functions');
  });

  it('puts functions into the imported table from the given slot on', () => {
    const module = new ModuleBuilder();
    module.importTable('env', 'table');
    const type = module.typeIndex([], [I32]);
    module.addElements(
      70,
      [5, 6].map((value) => module.addFunction(type, constant(value))),
    );
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 80 });
    new WebAssembly.Instance(new WebAssembly.Module(module.finish()), { env: { table } });
    expect([69, 70, 71, 72].map((slot) => table.get(slot)?.() ?? null)).toEqual([null, 5, 6, null]);
  });

  it('imports a shared memory of at most the given size only', () => {
    const module = new ModuleBuilder();
    module.importMemory('env', 'memory', 8);
    const compiled = new WebAssembly.Module(module.finish());
    const withMemory = (maximum: number): WebAssembly.Instance =>
      new WebAssembly.Instance(compiled, {
        env: { memory: new WebAssembly.Memory({ initial: 1, maximum, shared: true }) },
      });
    expect(withMemory(8)).toBeInstanceOf(WebAssembly.Instance);
    expect(() => withMemory(9)).toThrow(WebAssembly.LinkError);
  });

  it('carries custom sections', () => {
    const module = new ModuleBuilder();
    module.addCustomSection('handlers', new Uint8Array([1, 2, 3]));
    const [content] = WebAssembly.Module.customSections(new WebAssembly.Module(module.finish()), 'handlers');
    expect([...new Uint8Array(content!)]).toEqual([1, 2, 3]);
  });

  it('carries hints for the branches that are marked, at their offsets in the function', () => {
    const module = new ModuleBuilder();
    const body = new Body([I32]);
    const local = body.newLocal(I64);
    body.unlikely(body.get(0), () => body.set(local, body.i64(1)));
    body.likely(
      body.get(0).eqz(),
      () => body.set(local, body.i64(2)),
      () => body.set(local, body.i64(3)),
    );
    body.inPrologue(() => body.unlikely(body.get(0), () => body.unreachable()));
    const finished = body.finish();
    const at = (offset: number): number | undefined => finished.code[offset];
    const IF = 0x04;
    expect(finished.hints.map(({ offset, likely }) => [at(offset), likely])).toEqual([
      [IF, false],
      [IF, false],
      [IF, true],
    ]);
    module.addFunction(module.typeIndex([I32], []), finished);
    const [content] = WebAssembly.Module.customSections(
      new WebAssembly.Module(module.finish()),
      'metadata.code.branch_hint',
    );
    const offsets = finished.hints.map(({ offset }) => offset);
    expect([...new Uint8Array(content!)]).toEqual([1, 0, 3, offsets[0], 1, 0, offsets[1], 1, 0, offsets[2], 1, 1]);
  });

  it('stays as it was returned when the builder goes on', () => {
    const module = new ModuleBuilder();
    const first = module.finish();
    const copy = first.slice();
    module.addFunction(module.typeIndex([], [I32]), constant(1));
    module.finish();
    expect(first).toEqual(copy);
  });
});
