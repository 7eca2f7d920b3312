import { describe, expect, it } from 'vitest';
import { PanicWatch } from './panic-watch.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const LINE = '[    2.5] Kernel panic - not syncing: no init\r\n';
const MESSAGE = 'Kernel panic - not syncing: no init';
const before = { userEntries: 100, halts: 50 };

function suspicious(...parts: string[]): PanicWatch {
  const watch = new PanicWatch();
  for (const part of parts.length > 0 ? parts : [LINE]) watch.printed(bytes(part), 1000, before);
  return watch;
}

describe('PanicWatch', () => {
  it('is certain when the CPU has neither run programs nor idled for two seconds after the message', () => {
    for (const parts of [[LINE], ['x\n[    2.5] Kernel pan', 'ic - not syncing: no init\r\n[ 3.0] more']]) {
      const watch = suspicious(...parts);
      expect(watch.check(2900, before)).toBeUndefined();
      expect(watch.check(3000, before)).toBe(MESSAGE);
    }
  });

  it('believes nobody who merely prints the message', () => {
    const typed = suspicious();
    expect(typed.check(1500, { ...before, userEntries: 101 })).toBeUndefined();
    expect(typed.check(9000, { ...before, userEntries: 101 })).toBeUndefined();
    const idle = suspicious();
    expect(idle.check(1500, { ...before, halts: 51 })).toBeUndefined();
    expect(idle.check(9000, { ...before, halts: 51 })).toBeUndefined();
    expect(suspicious(`# echo ${LINE}`).check(9000, before)).toBeUndefined();
    expect(suspicious('Kernel panic - not syncing: half a line').check(9000, before)).toBeUndefined();
  });

  it('needs no time when the CPU has halted for good, unless programs ran in between', () => {
    expect(suspicious().halted({ ...before, halts: 51 })).toBe(MESSAGE);
    expect(suspicious().halted({ ...before, userEntries: 101 })).toBeUndefined();
    const watch = suspicious();
    watch.forget();
    expect(watch.halted(before)).toBeUndefined();
  });
});
