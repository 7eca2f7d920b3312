import { describe, expect, it } from 'vitest';
import { UsageError } from './common/usage-error.ts';
import { parseCommandLine, type RunnerOptions } from './options.ts';

const parse = (line: string) => parseCommandLine(line.split(' '));

function options(line: string): RunnerOptions {
  const parsed = parse(line);
  if (parsed.kind !== 'run') throw new Error('help instead of options');
  return parsed.options;
}

describe('the runner’s command line', () => {
  it('takes QEMU’s', () => {
    const args = ['-m', '256', '-kernel', 'k', '-initrd', 'i', '-append', 'console=ttyS0 quiet', '-nographic'];
    args.push('-no-reboot', '-nic', 'none', '-accel', 'tcg', '-debugcon', 'stdio', '-stats');
    args.push('-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04');
    expect(parseCommandLine(args)).toMatchObject({
      kind: 'run',
      options: {
        memoryMiB: 256,
        kernel: 'k',
        initrd: 'i',
        commandLine: 'console=ttyS0 quiet',
        noReboot: true,
        stats: true,
        backends: { serial0: { kind: 'stdio' }, debugcon0: { kind: 'stdio' } },
        com1: 'serial0',
        devices: [
          { model: 'isa-debugcon', properties: { chardev: 'debugcon0' } },
          { model: 'isa-debug-exit', properties: { iobase: 0xf4, iosize: 4 } },
        ],
      },
    });
  });

  it('has QEMU’s defaults', () => {
    expect(options('-kernel k')).toMatchObject({
      ...{ memoryMiB: 128, kernel: 'k', commandLine: '', noReboot: false, noShutdown: false, stats: false },
      ...{ com1: 'serial0', backends: { serial0: { kind: 'stdio' } }, warnings: [] },
    });
    expect(options('-kernel k -device pc-testdev').devices).toEqual([{ model: 'pc-testdev', properties: {} }]);
    expect(() => options('-kernel k -device pc-testdev,chardev=c')).toThrow('unknown property "chardev"');
    expect(options('-kernel k -nodefaults')).toMatchObject({ com1: undefined, backends: {} });
    expect(options('-bios b')).toMatchObject({ bios: 'b', kernel: undefined });
  });

  it.each([
    ['-m 64 -kernel k', 64],
    ['-m 64M -kernel k', 64],
    ['-m 2G -kernel k', 2048],
    ['--kernel k -m size=512', 512],
  ])('understands "%s"', (line, memoryMiB) => {
    expect(options(line)).toMatchObject({ memoryMiB });
  });

  it('takes what test suites pass to a machine that is like this one anyway', () => {
    const line =
      '-kernel k -smp 1 -M pc -machine pc-i440fx-7.2,accel=tcg -display none -vga none -vnc none -monitor none -nodefaults ' +
      '-no-shutdown -parallel none -serial none -net none -rtc base=utc -no-user-config -name x -smp cpus=1,sockets=1';
    expect(options(line)).toMatchObject({ noShutdown: true, com1: undefined, backends: {} });
  });

  it('takes the lines of kernel unit tests', () => {
    const line =
      '-nodefaults -device pc-testdev -device isa-debug-exit,iobase=0xf4,iosize=0x4 -display none -vnc none -serial stdio ' +
      '-device pci-testdev -machine accel=tcg -machine accel=kvm:tcg -accel kvm -accel tcg,thread=single -no-reboot ' +
      '-cpu max -smp 1,cores=1 -m 128 -boot order=c,menu=off -k de -L here -L there -kernel k';
    expect(options(line)).toMatchObject({
      ...{ com1: 'serial0', noReboot: true, biosFolders: ['here', 'there'], warnings: [] },
      devices: [
        { model: 'pc-testdev' },
        { model: 'isa-debug-exit', properties: { iobase: 0xf4, iosize: 4 } },
        { model: 'pci-testdev' },
      ],
    });
    expect(options('-kernel k -d int,cpu_reset -D log').warnings).toEqual([
      '-d int,cpu_reset: nothing is logged here, -stats has figures',
      '-D log: nothing is logged here',
    ]);
  });

  it.each([
    ['-device help', /name "isa-debug-exit"\n(.*\n)*name "pci-testdev"/],
    ['-device isa-debugcon,help', /iobase=<uint32> - its port \(default: 233\)\n(.*\n)* {2}chardev/],
    ['-M help', /\npc /],
    ['-accel help', /tcg/],
    ['-chardev ?', /stdio/],
    ['-version', /^tabvisor\n$/],
  ])('answers "%s"', (line, text) => {
    expect(parse(line)).toMatchObject({ kind: 'help', text: expect.stringMatching(text) });
  });

  it('has up to three printer ports, in QEMU’s order or where they are asked for', () => {
    const third = options('-bios b -parallel none -parallel none -parallel file:paper').devices;
    expect(third).toEqual([{ model: 'isa-parallel', properties: { iobase: 0x3bc, chardev: 'parallel2' } }]);
    const device = '-device isa-parallel,chardev=a';
    const bios = '-bios b -chardev null,id=a';
    expect(options(`${bios} ${device},iobase=0x3bc ${device}`).devices).toEqual([
      { model: 'isa-parallel', properties: { iobase: 0x3bc, chardev: 'chardev:a' } },
      { model: 'isa-parallel', properties: { iobase: 0x278, chardev: 'chardev:a' } },
    ]);
    expect(() => options(`${bios} -parallel null ${device},iobase=0x378`)).toThrow(
      /two devices isa-parallel cannot have the same iobase/,
    );
    expect(() => options('-bios b -parallel null -parallel null -parallel null -parallel null')).toThrow(/three/);
  });

  it('connects several ports to files and named devices', () => {
    const { backends, com1, devices } = options(
      '-bios b -chardev file,id=post,path=codes,append=on -chardev stdio,id=t -device isa-debugcon,iobase=0x190,chardev=post ' +
        '-serial file:one -serial chardev:t -parallel file:paper -debugcon chardev:t',
    );
    expect(backends).toEqual({
      serial0: { kind: 'file', path: 'one', append: false },
      'chardev:t': { kind: 'stdio' },
      'chardev:post': { kind: 'file', path: 'codes', append: true },
      parallel0: { kind: 'file', path: 'paper', append: false },
    });
    expect(com1).toBe('serial0');
    expect(devices).toEqual([
      { model: 'isa-debugcon', properties: { chardev: 'chardev:t' } },
      { model: 'isa-debugcon', properties: { iobase: 0x190, chardev: 'chardev:post' } },
      { model: 'isa-serial', properties: { index: 1, chardev: 'chardev:t' } },
      { model: 'isa-parallel', properties: { iobase: 0x378, chardev: 'parallel0' } },
    ]);
    expect(options('-bios b -chardev null,id=a -device isa-serial,chardev=a,index=2').devices).toEqual([
      { model: 'isa-serial', properties: { index: 2, chardev: 'chardev:a' } },
    ]);
  });

  it('lets -cpu hide features, warns of those that this CPU lacks', () => {
    expect(options('-kernel k').cpu).toBeUndefined();
    expect(options('-kernel k -cpu max').cpu).toEqual({ model: 'max', features: {} });
    const { cpu, warnings } = options('-kernel k -cpu pentium3,-sse,+sse4_2,nx=on,+avx,-aes,vendor=GenuineIntel');
    expect(cpu).toEqual({ model: 'pentium3', features: { sse: false, 'sse4.2': true, nx: true } });
    expect(warnings).toEqual(['-cpu pentium3: this CPU has no avx']);
    const plain = options('-kernel k -cpu max').cpu;
    for (const change of ['host-phys-bits', 'host-phys-bits=on', '+host_phys_bits,host-phys-bits-limit=40', 'check'])
      expect(options(`-kernel k -cpu max,${change}`)).toMatchObject({ cpu: plain, warnings: [] });
  });

  it('keeps the boot order, for firmware', () => {
    expect(options('-bios b').boot).toBeUndefined();
    expect(options('-boot dca').boot).toEqual({ order: ['cdrom', 'disk', 'floppy'] });
    expect(options('-boot menu=off,order=cnb').boot).toEqual({ menu: false, order: ['disk', 'network'] });
    expect(options('-boot c,once=d,strict=on,menu=on,splash-time=500,reboot-timeout=9').boot).toEqual({
      ...{ order: ['disk'], once: ['cdrom'], strict: true, menu: true, menuWaitMs: 500, retryMs: 9 },
    });
    expect(options('-boot order=ac -boot once=d,reboot-timeout=-1').boot).toEqual({
      ...{ order: ['floppy', 'disk'], once: ['cdrom'] },
    });
  });

  it('keeps the option ROM of a card that may have one', () => {
    const { romFiles, devices } = options('-device pci-testdev,romfile=r');
    expect(romFiles).toEqual([{ model: 'pci-testdev', file: 'r' }]);
    expect(devices).toEqual([{ model: 'pci-testdev', properties: {} }]);
  });

  it.each(['-help', '-h', '--help', '-kernel k -help'])('shows help for "%s"', (line) => {
    expect(parse(line)).toMatchObject({ kind: 'help', text: expect.stringContaining('-kernel FILE') });
  });

  it('lists CPUs', () => {
    expect(parse('-cpu help')).toMatchObject({ kind: 'help', text: expect.stringMatching(/pentium3(.|\n)*sse4\.2/) });
  });

  it.each([
    ['-kernel k -smp 2', '-smp 2: the machine has one CPU'],
    ['-kernel k -constructor', '-constructor: unknown option'],
    ['-kernel', '-kernel: needs a value'],
    ['-kernel k -bios b', '-bios: a kernel is started without a BIOS'],
    ['-m 0 -kernel k', '-m 0:'],
    ['-m 128K -kernel k', '-m 128K:'],
    ['-m 4G -kernel k', '-m 4G:'],
    ['-kernel k -nic user', '-nic user:'],
    ['-kernel k -accel kvm', '-accel kvm:'],
    ['-kernel k -M q35', '-M q35: the machine is a "pc"'],
    ['-kernel k -machine pc,accel=kvm', '-accel kvm: only'],
    ['-kernel k -machine accel=tcg -machine accel=kvm', '-accel kvm: only'],
    ['-kernel k -machine kernel_irqchip=split', '"kernel_irqchip=split" is not possible here'],
    ['-kernel k -accel tcg,speed=11', '"speed=11" is not possible here'],
    ['-kernel k -boot x', '-boot x: not a boot order'],
    ['-boot order', '-boot order: not a boot order'],
    ['-boot menu=maybe', '-boot menu=maybe: not a boot order'],
    ['-boot splash-time=65536', '-boot splash-time=65536: not a boot order'],
    ['-boot splash=logo.bmp', '-boot splash=logo.bmp: not a boot order'],
    ['-device isa-debug-exit,romfile=r', 'unknown property "romfile"'],
    ['-kernel k -vga cirrus', '-vga cirrus:'],
    ['-kernel k -rtc base=localtime', '-rtc base=localtime:'],
    ['-kernel k -cpu athlon', '-cpu athlon: unknown CPU model'],
    ['-kernel k -cpu max,+quantum', 'unknown feature "quantum"'],
    ['-kernel k -cpu max,vendor=AuthenticAMD', 'this CPU has vendor=GenuineIntel'],
    ['-kernel k -cpu max,sse=maybe', '"sse=maybe" is not a feature'],
    ['-kernel k -cpu host', '-cpu host: that takes KVM'],
    ['-kernel k -cpu max,phys-bits=40', '"phys-bits" cannot be changed here'],
    ['-kernel k -cpu max,enforce,+avx', 'this CPU has no avx, and "enforce" insists'],
    ['-kernel k -smp 1,maxcpus=2', 'several in one machine are not possible yet'],
    ['-kernel k -serial pty', '-serial pty: unknown device'],
    ['-kernel k -serial chardev:c', '-serial: there is no -chardev with id=c'],
    ['-kernel k -debugcon x:y', '-debugcon x:y: unknown device'],
    ['-kernel k -chardev socket,id=c', '-chardev socket: unknown backend'],
    ['-kernel k -chardev file,id=c', 'path= is missing'],
    ['-kernel k -chardev stdio', 'id= is missing'],
    ['-kernel k -chardev null,id=c -chardev null,id=c', 'the id "c" is taken'],
    ['-kernel k -chardev null,id=c,colour=red', 'unknown property "colour"'],
    ['-kernel k -device e1000', '-device e1000: unknown device'],
    ['-kernel k -device isa-debug-exit,irq=3', 'unknown property "irq"'],
    ['-kernel k -device isa-debug-exit,iobase=zero', 'iobase must be a port number, not "zero"'],
    ['-kernel k -device isa-debugcon,iobase=0x402', 'chardev= is missing'],
    ['-kernel k -device isa-debug-exit,iosize=0', 'iosize must be a whole number from 1 to 256, not "0"'],
    ['-kernel k -device isa-debug-exit,iobase=0x60', '-device: port 0x60 is already taken'],
    ['-kernel k -device pvpanic,ioport=0x506', 'ioport must be 0x505'],
    ['-kernel k -device pc-testdev -device pc-testdev', 'at most 1 pc-testdev'],
    ['-bios b -chardev null,id=a -serial null -device isa-serial,chardev=a,index=0', 'serial port 0 is there already'],
    ['-kernel k -serial null -serial null -serial null -serial null -serial null', 'four serial ports at most'],
  ])('names what is wrong with "%s"', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });
});
