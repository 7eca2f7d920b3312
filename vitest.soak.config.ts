// `npm run soak`: what takes too long for every change, or says figures that are worth reading: `x.soak.ts` beside what it
// tests, and tests that do more of the same (SOAK).
import { defineConfig } from 'vitest/config';
import { common } from './vitest.config.ts';

export default defineConfig({
  test: {
    ...common,
    include: [
      '**/*.soak.ts',
      'engine/cpu/testing/{conformance,differential,late-pages,scalar-floats,vectors.*,x87}.test.ts',
    ],
    exclude: ['e2e/**', 'dist/**', 'build/**', '**/node_modules/**'],
    maxWorkers: 1,
    env: { SOAK: '1' },
  },
});
