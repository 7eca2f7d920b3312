// How long the CPU's accesses of a VGA's planes take, here and in v86: `npx tsx bench/planar/planar.ts [tabvisor|v86]…`. A ROM (planar.asm,
// made by nasm) draws, and says on COM1 when each test begins and ends. Figures are ns a byte of the window, of processor time: all threads of
// the program, so a machine that does other things as well hardly matters (Linux).

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FRAME = 38400;
const FRAMES = 200;
const TESTS: Record<string, { name: string; bytes: number }> = {
  B: { name: 'bytes, write mode 0', bytes: FRAME },
  D: { name: 'doublewords, write mode 0', bytes: FRAME },
  M: { name: 'bytes read and written, bit mask', bytes: FRAME },
  P: { name: 'pixels: OUT of the bit mask, read, write mode 2', bytes: FRAME },
  R: { name: 'bytes of each plane by itself', bytes: FRAME },
  S: { name: 'REP STOSB', bytes: FRAME },
  T: { name: 'REP STOSD', bytes: FRAME },
  V: { name: 'REP MOVSB from memory', bytes: FRAME },
  C: { name: 'REP MOVSB in write mode 1', bytes: FRAME - 80 },
};

function program(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function assemble(): string {
  const rom = join(mkdtempSync(join(tmpdir(), 'planar-')), 'planar.rom');
  const { error, status, stderr } = spawnSync('nasm', ['-f', 'bin', '-o', rom, program('planar.asm')], {
    encoding: 'utf8',
  });
  if (error || status !== 0) throw new Error(`The ROM needs an assembler (apt-get install nasm): ${error ?? stderr}`);
  return rom;
}

const TSX = ['--import', import.meta.resolve('tsx')];
const ENGINES: Record<string, (rom: string) => string[]> = {
  tabvisor: (rom) => [program('../../cli/vm.ts'), '-bios', rom, '-m', '16', '-display', 'none'],
  v86: (rom) => [program('v86-rom.ts'), rom],
};

/** ns that the threads of a process have run. */
function processorTime(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const times = readdirSync(tasks).map((task) => readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')[0]);
  return times.reduce((sum, time) => sum + Number(time), 0);
}

/** ns a byte by the tests' letters. */
function measure(engine: string, rom: string): Promise<Map<string, number>> {
  const arguments_ = ENGINES[engine]?.(rom);
  if (!arguments_) throw new Error(`There is no ${engine}; there are ${Object.keys(ENGINES).join(', ')}.`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...TSX, ...arguments_], { stdio: ['pipe', 'pipe', 'inherit'] });
    const figures = new Map<string, number>();
    let began = 0;
    let test = '';
    child.stdout.on('data', (bytes: Buffer) => {
      for (const letter of bytes.toString('latin1')) {
        if (letter === 'Z') child.kill();
        else if (letter !== '.') [test, began] = [letter, processorTime(child.pid!)];
        else if (TESTS[test]) figures.set(test, (processorTime(child.pid!) - began) / (FRAMES * TESTS[test].bytes));
      }
    });
    child.on('error', reject);
    child.on('exit', () => resolve(figures));
  });
}

const rom = assemble();
const asked = process.argv.slice(2);
const engines = asked.length > 0 ? asked : Object.keys(ENGINES);
for (const engine of engines) {
  const figures = await measure(engine, rom);
  for (const [test, { name }] of Object.entries(TESTS))
    console.log(`${engine}, ${name}: ${figures.get(test)?.toFixed(1) ?? '-'} ns`);
}
