import { describe, expect, it } from 'vitest';
import { parseOptions, SUITES, UsageError } from './options.ts';
import { WORKLOADS } from './suites/workloads.ts';

describe('parseOptions', () => {
  it('runs everything by default', () => {
    const options = parseOptions([])!;
    expect(options.suites).toEqual(SUITES);
    expect(options.engines).toContain('qemu');
    expect(options.workloads).toEqual(WORKLOADS);
  });
  it('takes lists, and keeps the order in which things are run', () => {
    const options = parseOptions(['--rounds', '5', '--only', 'idle, boot', '--engines=qemu,tabvisor-node']);
    expect(options).toMatchObject({ rounds: 5, suites: ['boot', 'idle'], engines: ['tabvisor-node', 'qemu'] });
  });
  it.each([['--rounds', '0'], ['--rounds', 'x'], ['--only', 'bot'], ['--engines', 'v87'], ['--wat'], ['boot']])(
    'names what it does not know: %s %s',
    (...args) => {
      expect(() => parseOptions(args)).toThrow(UsageError);
      expect(() => parseOptions(args)).toThrow(args.at(-1));
    },
  );
  it('is helpful', () => expect(parseOptions(['--help'])).toBeUndefined());
});
