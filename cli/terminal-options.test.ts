import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './options.ts';

function options(line: string) {
  const parsed = parseCommandLine(['-kernel', 'k', ...line.split(' ').filter((word) => word !== '')]);
  if (parsed.kind !== 'run') throw new Error('help instead of options');
  return parsed.options;
}

const unix = (path: string) => ({ kind: 'unix', path });

describe('the terminal', () => {
  it.each([
    ['', 'stdio', true],
    ['-nographic', 'stdio', true],
    ['-monitor none', 'stdio', false],
    ['-serial stdio', 'stdio', false],
    ['-serial mon:stdio', 'stdio', true],
    ['-serial null', 'null', false],
    ['-monitor stdio', undefined, false],
    ['-monitor stdio -serial null', 'null', false],
    ['-qmp stdio', undefined, false],
    ['-nodefaults', undefined, false],
    ['-monitor unix:m,server,nowait', 'stdio', false],
  ])('with "%s": %s on COM1, shared: %s', (line, com1, shared) => {
    const { backends, com1: channel, sharedMonitor } = options(line);
    expect([channel === undefined ? undefined : backends[channel].kind, sharedMonitor]).toEqual([com1, shared]);
  });

  it('is not for two', () => {
    for (const line of ['-monitor stdio -serial stdio', '-monitor stdio -nographic', '-monitor stdio -qmp stdio'])
      expect(() => options(line)).toThrow('-monitor stdio: only one can have the terminal');
  });
});

describe('monitors', () => {
  it('listen at sockets', () => {
    expect(
      options('-monitor unix:m,server,nowait -qmp tcp:localhost:4444,server=on,wait=off -qmp none').monitors,
    ).toEqual([
      { protocol: 'human', place: unix('m') },
      { protocol: 'qmp', place: { kind: 'tcp', host: 'localhost', port: 4444 } },
    ]);
  });

  it.each([
    ['-monitor vc', '-monitor vc: unknown device'],
    ['-monitor unix:m', 'only "server" is possible'],
    ['-qmp unix:m,server', 'only "nowait" (wait=off) is possible'],
    ['-qmp tcp:h:99999,server,nowait', 'unknown device'],
    ['-qmp unix:m,server,nowait,telnet', 'unknown property "telnet"'],
  ])('are refused as %s', (line, message) => {
    expect(() => options(line)).toThrow(message);
  });
});
