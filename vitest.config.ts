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
    // Far beyond what any test takes, on a machine that is busy with other things too: they end what hangs.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
