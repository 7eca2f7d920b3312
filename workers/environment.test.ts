import { describe, expect, it } from 'vitest';
import { describeEnvironmentProblem, explainCompileError } from './environment.ts';

describe('what the environment lacks', () => {
  it('is nothing in Node, which knows every feature asked for', () => {
    expect(describeEnvironmentProblem()).toBeUndefined();
  });

  it('is named, all of it, with advice', () => {
    const problem = describeEnvironmentProblem([
      { name: 'threads', present: () => false },
      { name: 'SIMD', present: () => true },
      { name: 'tail calls', present: () => false },
    ]);
    expect(problem).toMatch(/^This browser lacks threads, tail calls\. Use a current /);
  });

  it('is the right to compile where a content security policy withholds it', () => {
    const problem = describeEnvironmentProblem([], () => false);
    expect(problem).toContain("'wasm-unsafe-eval'");
    const refused = new WebAssembly.CompileError('Wasm code generation disallowed by embedder');
    expect(explainCompileError(refused, () => false)).toMatchObject({ message: problem });
    expect(explainCompileError(refused, () => true)).toBe(refused);
    const other = new Error('out of memory');
    expect(explainCompileError(other, () => false)).toBe(other);
  });

  it('is the isolation of the page where SharedArrayBuffer is withheld', () => {
    const shared = globalThis.SharedArrayBuffer;
    try {
      Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
      expect(describeEnvironmentProblem([])).toContain('Cross-Origin-Opener-Policy: same-origin');
    } finally {
      globalThis.SharedArrayBuffer = shared;
    }
  });
});
