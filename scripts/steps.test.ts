import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runSteps, type Step, tool } from './steps.ts';

const succeeds = (name: string, remark?: string): Step => ({ name, run: async () => remark });
const fails = (name: string): Step => ({ name, run: () => Promise.reject(new Error(`${name} is broken`)) });

describe('runSteps', () => {
  let printed: string[];
  beforeEach(() => {
    printed = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  });
  afterEach(() => vi.restoreAllMocks());

  it('goes on after a failure and names every step that failed', async () => {
    expect(await runSteps([fails('lint'), succeeds('types'), fails('unit')])).toEqual(['lint', 'unit']);
    expect(printed.map((line) => line.split(/\s+/).slice(0, 2).join(' '))).toEqual([
      'FAIL lint',
      'lint is',
      'ok types',
      'FAIL unit',
      'unit is',
    ]);
  });

  it('does not try what needs a failed step, nor what needs that in turn', async () => {
    const tried = vi.fn(async () => undefined);
    const steps = [
      fails('engine'),
      { name: 'site', needs: ['engine'], run: tried },
      { name: 'e2e', needs: ['site'], run: tried },
    ];
    expect(await runSteps(steps)).toEqual(['engine', 'site', 'e2e']);
    expect(tried).not.toHaveBeenCalled();
  });

  it('runs neighbours at once, but not before what they need, and nothing beside a step that runs alone', async () => {
    const events: string[] = [];
    const traced = (name: string, more: Partial<Step> = {}): Step => ({
      name,
      async run() {
        events.push(`+${name}`);
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
        events.push(`-${name}`);
        return undefined;
      },
      ...more,
    });
    const steps = [traced('a'), traced('b'), traced('c', { needs: ['a'] }), traced('d', { alone: true }), traced('e')];
    expect(await runSteps(steps)).toEqual([]);
    expect(events.slice(0, 2)).toEqual(['+a', '+b']);
    expect(events.indexOf('+c')).toBeGreaterThan(events.indexOf('-a'));
    expect(events.slice(-4)).toEqual(['+d', '-d', '+e', '-e']);
  });

  it('shows the remark of a step that succeeded', async () => {
    await runSteps([succeeds('unit', '12 tests')]);
    expect(printed[0]).toMatch(/^ok +unit +\d+\.\d s {2}12 tests$/);
  });
});

describe('tool', () => {
  it('resolves with the output of a success, rejects with the output of a failure', async () => {
    expect(await tool('biome', ['--version'])).toMatch(/\d+\.\d+/);
    await expect(tool('biome', ['no-such-command'])).rejects.toThrow(/no-such-command/);
  });
});
