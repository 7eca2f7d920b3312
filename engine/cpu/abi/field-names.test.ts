import { describe, expect, it } from 'vitest';
import { withField } from './field-names.ts';
import { BUDGET, FPU_TRAP, RIP } from './layout.ts';

describe('withField', () => {
  it('names what is loaded or stored', () => {
    expect(withField(`  i32.load offset=${RIP} align=1`)).toBe(`  i32.load offset=${RIP} align=1 ;; RIP`);
    expect(withField(`  i32.store offset=${BUDGET} align=1`)).toMatch(/;; budget$/);
    expect(withField(`  i32.load8_u offset=${FPU_TRAP} align=1`)).toMatch(/;; FPU trap\?$/);
  });

  it('leaves other lines alone', () => {
    for (const line of ['  i32.load align=1', '  i32.load offset=8 align=1', `  i32.const ${RIP}`])
      expect(withField(line)).toBe(line);
  });
});
