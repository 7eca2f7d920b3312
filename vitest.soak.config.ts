// `npm run soak`: what takes too long for every change, or says figures that are worth reading. Stands beside what it tests,
// as `x.soak.ts`.
import { defineConfig } from 'vitest/config';
import unit from './vitest.config.ts';

export default defineConfig({ test: { ...unit.test, include: ['**/*.soak.ts'], maxWorkers: 1 } });
