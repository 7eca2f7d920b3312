// Unit tests: `x.test.ts` beside `x.ts`, run in Node (the engine knows no DOM). Browser behaviour is tested in e2e/.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['e2e/**', 'dist/**', 'build/**', '**/node_modules/**'],
    environment: 'node',
    // Processes, not threads: an engine that traps or exhausts its address space takes only its own file down.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
