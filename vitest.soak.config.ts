// `npm run soak`: what takes too long for every change, or says figures that are worth reading: `x.soak.ts` beside what it
// tests, and tests that do more of the same (SOAK).
import { defineConfig } from 'vitest/config';
import unit from './vitest.config.ts';

export default defineConfig({
  test: {
    ...unit.test,
    include: ['**/*.soak.ts', 'engine/cpu/testing/{vectors.*,x87}.test.ts'],
    maxWorkers: 1,
    env: { SOAK: '1' },
  },
});
