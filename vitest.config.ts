// Unit tests: `x.test.ts` beside `x.ts`, run in Node (the engine knows no DOM). Browser behaviour is tested in e2e/.
import { defineConfig } from 'vitest/config';

const NOT_UNIT_TESTS = ['e2e/**', 'dist/**', 'build/**', '**/node_modules/**'];
const WITH_ENGINE = ['{cli,conformance,engine/cpu,vectors}/**/*.test.ts'];

export const common = {
  environment: 'node',
  pool: 'forks',
  // Far beyond what any test takes, on a machine that is busy with other things too: they end what hangs.
  testTimeout: 600_000,
  hookTimeout: 600_000,
} as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        // Each file in a process of its own: an engine that traps or exhausts its address space takes only that file down.
        test: { ...common, name: 'engine', include: WITH_ENGINE, exclude: NOT_UNIT_TESTS },
      },
      {
        // To start a process and load vitest takes half a second, more than nearly all of these files.
        test: {
          ...common,
          name: 'rest',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...NOT_UNIT_TESTS, ...WITH_ENGINE],
          isolate: false,
        },
      },
    ],
  },
});
