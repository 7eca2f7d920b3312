// The program as 64-bit code for the machine at hand, so that it works where the kernel runs no 32-bit programs.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compile, X86_64 } from '../programs/compile.ts';
import { PROGRAM, SOURCES } from './files.ts';

export const hasCompiler = (): boolean => spawnSync('gcc', ['--version']).status === 0;

export class NativeCalls {
  readonly #folder = mkdtempSync(join(tmpdir(), 'calls-'));
  readonly #program = join(this.#folder, PROGRAM);

  constructor() {
    compile(SOURCES, this.#program, X86_64);
  }

  /** What it prints. */
  async transcript(args: readonly string[]): Promise<string> {
    const run = promisify(execFile)(this.#program, args, { encoding: 'latin1', maxBuffer: Infinity });
    return (await run).stdout;
  }

  end(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
