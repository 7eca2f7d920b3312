import { beforeEach, describe, expect, test } from 'vitest';
import type { MemoryWindow } from '../../base/memory-window.ts';
import type { Machine } from './machine.ts';
import { build, initializePics, type Seen } from './testing/test-machine.ts';

let seen: Seen;
let machine: Machine;
beforeEach(() => {
  seen = build();
  machine = seen.machine;
});

const out = (port: number, value: number, size = 1) => machine.portWrite(port, size, value);

describe('with firmware', () => {
  const FW_CFG = [{ model: 'fw-cfg' }];
  const cmos = (register: number) => {
    out(0x70, register);
    return machine.portRead(0x71, 1);
  };
  const text = (bytes: number[]) => String.fromCharCode(...bytes);
  const item = (key: number, size: number) => {
    out(0x510, key, 2);
    return Array.from({ length: size }, () => machine.portRead(0x511, 1));
  };
  /** Of the directory, by name: item and size. */
  const files = () => {
    const count = item(0x19, 4)[3];
    const entries = Array.from({ length: count }, () => Array.from({ length: 64 }, () => machine.portRead(0x511, 1)));
    return new Map(
      entries.map((entry) => [
        text(entry.slice(8)).replace(/\0+$/, ''),
        { key: entry[4] * 256 + entry[5], size: entry[2] * 256 + entry[3] },
      ]),
    );
  };
  const file = (name: string) => {
    const { key, size } = files().get(name)!;
    return item(key, size);
  };

  test('fw_cfg has the files that describe the machine', () => {
    const identity = { name: 'web', uuid: new Uint8Array(16).fill(7) };
    const boot = { order: ['cdrom' as const], menu: true, menuWaitMs: 0x1234 };
    seen = build({ romKiB: 64, devices: FW_CFG, identity, boot });
    machine = seen.machine;
    expect([...files().keys()]).toEqual([
      ...['bootorder', 'etc/acpi/rsdp', 'etc/acpi/tables', 'etc/boot-fail-wait', 'etc/boot-menu-wait', 'etc/e820'],
      ...['etc/smbios/smbios-anchor', 'etc/smbios/smbios-tables', 'etc/system-states', 'etc/table-loader'],
    ]);
    expect(file('etc/e820')).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1, 0, 0, 0]);
    expect([file('etc/boot-menu-wait'), file('etc/boot-fail-wait')]).toEqual([
      [0x34, 0x12],
      [0xff, 0xff, 0xff, 0xff],
    ]);
    expect(text(file('etc/smbios/smbios-tables'))).toContain('\0web\0');
    expect([item(2, 2), item(0x0e, 1)]).toEqual([[7, 7], [1]]);
    expect([cmos(0x3d), cmos(0x38)]).toEqual([3, 0]);
  });

  test('CMOS has another order after the first boot', () => {
    seen = build({ romKiB: 64, boot: { order: ['disk'], once: ['cdrom'] } });
    machine = seen.machine;
    expect(cmos(0x3d)).toBe(3);
    out(0x70, 0x3d);
    out(0x71, 4); // a guest's own wish
    machine.reset();
    expect(cmos(0x3d)).toBe(3);
    machine.resume();
    seen.host.ms += 1;
    machine.reset();
    expect(cmos(0x3d)).toBe(2);
    out(0x70, 0x3d);
    out(0x71, 4);
    machine.reset();
    expect(cmos(0x3d)).toBe(4);
  });

  test('a reset gives the ROM back, unless a program wants firmware to go on in its copy', () => {
    seen = build({ romKiB: 64 });
    machine = seen.machine;
    const pam = () => {
      out(0xcf8, 0x80000058, 4);
      return machine.portRead(0xcfd, 1);
    };
    const shadow = () => {
      pam();
      out(0xcfd, 0x30);
    };
    shadow();
    machine.reset();
    expect(pam()).toBe(0);
    shadow();
    out(0x70, 0x0f);
    out(0x71, 0x0a);
    machine.reset();
    expect(pam()).toBe(0x30);
    expect(machine.shutdownStatus).toBe(0x0a);
  });

  test('cards find their ROMs behind the machine’s, one behind the other', () => {
    const optionRoms = [
      { model: 'VGA', sizeKiB: 64 },
      { model: 'pci-testdev', sizeKiB: 32 },
    ];
    const maps: (readonly MemoryWindow[])[] = [];
    seen = build({
      ...{ romKiB: 256, optionRoms, devices: [{ model: 'pci-testdev' }] },
      mapMemory: (windows) => maps.push(windows),
    });
    machine = seen.machine;
    const config = (register: number, value: number) => {
      out(0xcf8, 0x80001000 | register, 4);
      out(0xcfc, value, 4);
      return machine.portRead(0xcfc, 4);
    };
    expect(config(0x30, 0xfffffffe)).toBe(0xffff8000);
    config(0x30, 0xe0000001);
    const rom = () => maps.at(-1)?.find(({ first }) => first === 0xe0000);
    expect(rom()).toBeUndefined(); // memory is not decoded
    config(4, 2);
    const firstPage = (64 * 1024 + 256 + 64) / 4;
    expect(rom()).toEqual({ first: 0xe0000, pages: 8, reads: firstPage, writes: 'dropped' });
    config(0x30, 0xe0000000);
    expect(rom()).toBeUndefined();
    config(0x30, 0xe0000001);
    const state = structuredClone(machine.save());
    machine.reset();
    expect(rom()).toBeUndefined();
    machine.restore(state);
    expect(rom()).toBeDefined();
  });

  test('its power button raises the SCI for who listens', () => {
    initializePics(machine);
    machine.pressPowerButton();
    expect(seen.intr).toBe(false);
    expect(machine.portRead(0x600, 2)).toBe(0x100);
    out(0x602, 0x100, 2);
    expect(machine.acknowledge()).toBe(0x39);
  });
});
