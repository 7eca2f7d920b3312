import { describe, expect, it } from 'vitest';
import { UsageError } from './common/usage-error.ts';
import { parseCommandLine } from './options.ts';

function drives(line: string) {
  const parsed = parseCommandLine(['-kernel', 'k', ...line.split(' ')]);
  if (parsed.kind !== 'run') throw new Error('help instead of options');
  return parsed.options.drives;
}

const medium = (path: string, readOnly = false, snapshot = false) => ({
  medium: { name: path.replace(/.*\//, ''), source: { kind: 'path', path, snapshot }, readOnly },
});
const ide = (model: string, index: number) => ({ model, properties: { bus: index >> 1, unit: index & 1 } });

describe('drives on the command line', () => {
  it('are IDE disks in order, unless they say where they are', () => {
    expect(drives('-drive file=a -drive format=raw,file=/x/b,media=disk -drive file=c,index=0')).toEqual([
      { ...ide('ide-hd', 0), ...medium('c') },
      { ...ide('ide-hd', 1), ...medium('a') },
      { ...ide('ide-hd', 2), ...medium('/x/b') },
    ]);
    expect(drives('-drive file=a,bus=1,unit=1,readonly=on')).toEqual([{ ...ide('ide-hd', 3), ...medium('a', true) }]);
  });

  it('have short forms', () => {
    expect(drives('-hda a -cdrom c.iso -hdd d -fdb f -fda e')).toEqual([
      { model: 'floppy', properties: { unit: 0 }, ...medium('e') },
      { model: 'floppy', properties: { unit: 1 }, ...medium('f') },
      { ...ide('ide-hd', 0), ...medium('a') },
      { ...ide('ide-cd', 2), ...medium('c.iso', true) },
      { ...ide('ide-hd', 3), ...medium('d') },
    ]);
    expect(drives('g')).toEqual([{ ...ide('ide-hd', 0), ...medium('g') }]);
    expect(() => drives('-hda a g')).toThrow('g: there is -hda already');
  });

  it('are virtio disks, empty CD drives and floppies, and snapshots', () => {
    expect(drives('-drive if=virtio,file=a,,b -drive media=cdrom -drive if=floppy,file=f -snapshot')).toEqual([
      { model: 'floppy', properties: { unit: 0 }, ...medium('f', false, true) },
      ide('ide-cd', 0),
      { model: 'virtio-blk', ...medium('a,b', false, true) },
    ]);
    expect(drives('-drive if=virtio,file=a,snapshot=on')[0].medium?.source).toMatchObject({ snapshot: true });
  });

  it('are placed by -device', () => {
    const line =
      '-drive if=none,id=x,file=a -drive if=none,id=y,file=b -device virtio-blk-pci,drive=x ' +
      '-device ide-cd,drive=y,bus=ide.1,unit=0 -device floppy -device ide-cd,bus=ide.0';
    expect(drives(line)).toEqual([
      { model: 'virtio-blk', ...medium('a') },
      { model: 'ide-cd', properties: { bus: 1, unit: 0 }, ...medium('b', true) },
      { model: 'floppy', properties: { unit: 0 } },
      ide('ide-cd', 0),
    ]);
  });

  it('are virtio disks for drivers of version 1.0 alone, or of before alone', () => {
    const line =
      '-drive if=none,id=x,file=a -drive if=none,id=y,file=b -drive if=none,id=z,file=c ' +
      '-device virtio-blk-pci,drive=x,disable-legacy=on,disable-modern=off -device virtio-blk-pci,drive=y,disable-legacy=on ' +
      '-device virtio-blk-pci,drive=z,disable-modern=on';
    expect(drives(line).map(({ properties }) => properties)).toEqual([
      { 'disable-legacy': 'on', 'disable-modern': 'off' },
      { 'disable-legacy': 'on' },
      { 'disable-modern': 'on' },
    ]);
  });

  it.each([
    ['-device ide-cd,disable-legacy=on', 'unknown property "disable-legacy"'],
    ['-device virtio-blk-pci,disable-legacy=1', 'disable-legacy must be "on" or "off" or "auto", not "1"'],
    ['-drive file=a,format=qcow2', 'only format=raw'],
    ['-drive file=a,if=scsi', 'if= is one of ide, virtio, floppy, none'],
    ['-drive file=a,cache=none', 'unknown property "cache"'],
    ['-drive if=virtio', 'file= is missing'],
    ['-drive file=a,if=none', 'id= is missing'],
    ['-drive file=a,index=4', 'index= is a whole number from 0 to 3'],
    ['-drive file=a,if=virtio,media=cdrom', 'a CD is in an IDE drive'],
    ['-drive file=a,readonly=maybe', 'readonly= is on or off'],
    ['-hda a -drive file=b,index=0', 'there is -hda already'],
    ['-drive file=a -hda b -hdb c -hdc d -hdd e', 'a machine has 4 drives with if=ide'],
    ['-drive if=none,id=x,file=a -drive if=none,id=x,file=b', 'the id "x" is taken'],
    ['-device virtio-blk-pci,drive=x', 'there is no -drive with if=none,id=x'],
    ['-device ide-hd', 'drive= is missing'],
    ['-hda a -device ide-cd,bus=ide.0,unit=0', 'there is a drive already'],
    ['-device ide-cd,bus=ide.2', 'bus= is a whole number from 0 to 1'],
    ['-device virtio-blk-pci,drive=x,bootindex=1', 'unknown property "bootindex"'],
  ])('refuse "%s"', (line, message) => {
    expect(() => drives(line)).toThrow(UsageError);
    expect(() => drives(line)).toThrow(message);
  });
});
