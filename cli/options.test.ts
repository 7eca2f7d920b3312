import { describe, expect, it } from 'vitest';
import { parseCommandLine, UsageError } from './options.ts';

const parse = (line: string) => parseCommandLine(line.split(' '));

describe('the runner’s command line', () => {
  it('takes QEMU’s', () => {
    const args = ['-m', '256', '-kernel', 'k', '-initrd', 'i', '-append', 'console=ttyS0 quiet', '-nographic'];
    args.push('-no-reboot', '-nic', 'none', '-accel', 'tcg', '-debugcon', 'stdio', '-stats');
    args.push('-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04');
    expect(parseCommandLine(args)).toEqual({
      kind: 'run',
      options: {
        memoryMiB: 256,
        kernel: 'k',
        initrd: 'i',
        commandLine: 'console=ttyS0 quiet',
        noReboot: true,
        stats: true,
        devices: { debugcon: { iobase: 0xe9 }, debugExit: { iobase: 0xf4, iosize: 4 } },
      },
    });
  });

  it('has QEMU’s defaults', () => {
    expect(parse('-kernel k')).toEqual({
      kind: 'run',
      options: { memoryMiB: 128, kernel: 'k', commandLine: '', noReboot: false, stats: false, devices: {} },
    });
    expect(parse('-kernel k -device isa-debug-exit')).toMatchObject({
      options: { devices: { debugExit: { iobase: 0x501, iosize: 2 } } },
    });
  });

  it.each([
    ['-m 64 -kernel k', 64],
    ['-m 64M -kernel k', 64],
    ['-m 2G -kernel k', 2048],
    ['--kernel k -m size=512', 512],
  ])('understands "%s"', (line, memoryMiB) => {
    expect(parse(line)).toMatchObject({ options: { memoryMiB } });
  });

  it.each(['-help', '-h', '--help', '-kernel k -help'])('shows help for "%s"', (line) => {
    expect(parse(line)).toEqual({ kind: 'help' });
  });

  it.each([
    ['-kernel k -smp 2', '-smp: unknown option'],
    ['-kernel k -constructor', '-constructor: unknown option'],
    ['-kernel k disk.img', 'disk.img: not an option'],
    ['-kernel', '-kernel: needs a value'],
    ['-m 128', '-kernel FILE is missing'],
    ['-m 0 -kernel k', '-m 0:'],
    ['-m 128K -kernel k', '-m 128K:'],
    ['-m 4G -kernel k', '-m 4G:'],
    ['-kernel k -nic user', '-nic user:'],
    ['-kernel k -accel kvm', '-accel kvm:'],
    ['-kernel k -debugcon file:x', '-debugcon file:x:'],
    ['-kernel k -device e1000', '-device e1000: unknown device'],
    ['-kernel k -device isa-debug-exit,irq=3', 'unknown property "irq"'],
    ['-kernel k -device isa-debug-exit,iobase=zero', 'iobase must be a port number, not "zero"'],
  ])('names what is wrong with "%s"', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });
});
