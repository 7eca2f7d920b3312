import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { measureProcessTree, parsePss, parseStat } from './process-tree.ts';

describe('parseStat', () => {
  it('finds its fields behind a name with blanks and parentheses', () => {
    const line =
      '4242 (Web (Content) 1) S 4200 4242 4200 0 -1 4194304 9 8 7 6 125 25 3 2 20 0 1 0 77 1000 200 18446744073709551615';
    expect(parseStat(line)).toEqual({ pid: 4242, parent: 4200, cpuMs: 1550 });
  });
});

describe('parsePss', () => {
  it('reads kB, and not the lines that only begin alike', () => {
    expect(parsePss('Rss:  900 kB\nPss:       12 kB\nPss_Anon:  3 kB\n')).toBe(12 * 1024);
  });
  it('is 0 for a process whose figures may not be read', () => expect(parsePss('')).toBe(0));
});

describe('measureProcessTree', () => {
  it('counts what grandchildren use', async () => {
    const script = `const child = require('node:child_process').spawn(process.execPath,
      ['-e', 'while (process.cpuUsage().user < 300e3); process.stdout.write("x"); setInterval(() => {}, 1e6)'],
      { stdio: ['ignore', 'inherit', 'ignore'] }); process.on('exit', () => child.kill());
      process.on('SIGTERM', () => process.exit());`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await once(parent.stdout, 'data');
      const { cpuMs, memoryBytes } = measureProcessTree(parent.pid!);
      expect(cpuMs).toBeGreaterThan(150);
      expect(memoryBytes).toBeGreaterThan(5e6);
    } finally {
      parent.kill();
    }
  });
});
