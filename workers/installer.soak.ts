// Soak (`npm run soak`, after `npm run guests -- installer`): Debian's installer boots from its CD, by SeaBIOS and ISOLINUX, on the machine that the
// console makes. Its kernel finds the APICs, the timer works through them, and the installer comes to its first questions.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureEngine } from '../scripts/build-engine.ts';
import { guestFile, hasFirmware, PcOnHosts, pcSpec } from './testing/pc-on-hosts.ts';

const CD = guestFile('installer/debian-installer.iso');

describe.skipIf(!CD || !hasFirmware)("Debian's installer", { timeout: 3_600_000 }, () => {
  let pc: PcOnHosts;
  beforeAll(ensureEngine);
  afterEach(() => pc.end());

  /** From the menu, which is a picture, to ISOLINUX's prompt, which is text. */
  async function boot(line: string): Promise<void> {
    const medium = { name: 'debian-installer.iso', source: { kind: 'path', path: CD!, snapshot: true } } as const;
    const spec = pcSpec({
      guestOs: 'Debian 12',
      memoryMiB: 512,
      nics: [{ model: 'virtio-net', mac: '52:54:00:00:00:01' }],
      drives: [{ model: 'ide-cd', properties: { bus: 1, unit: 0 }, medium }],
    });
    pc = await PcOnHosts.start(spec, 640);
    await pc.draws('linear');
    await pc.pressesUntil('Escape', /^boot:/m);
    await pc.types(`${line}\n`);
  }

  it('has its timer, its network card and its clock by the APICs, here and on another host', async () => {
    await boot('serial loglevel=7 rdinit=/bin/sh');
    const log = await pc.says(/[\s\S]*# \S*$/);
    expect(log).toContain('IOAPIC[0]: apic_id 0, version 32, address 0xfec00000, GSI 0-23');
    expect(log).toContain('ACPI: Using IOAPIC for interrupt routing');
    expect(log).not.toMatch(/IO-APIC \+ timer doesn't work|ACPI (BIOS )?Error/);
    const ask = (command: string) => pc.ask(command);
    await ask('mount -t proc proc /proc; mount -t sysfs sys /sys');
    const ticks = async () => Number(/LOC:\s+(\d+)/.exec(await ask('cat /proc/interrupts'))?.[1]);
    const before = await ticks();
    await pc.move();
    const interrupts = await ask('sleep 1; cat /proc/interrupts');
    expect(interrupts).toMatch(/ 4: +\d+ +IO-APIC +4-edge +ttyS0/);
    expect(interrupts).toMatch(/ 9: +\d+ +IO-APIC +9-fasteoi +acpi/);
    expect(interrupts).not.toContain('XT-PIC');
    expect(await ticks()).toBeGreaterThan(before);
  });

  it('asks for the language', async () => {
    await boot('serial');
    await pc.says(/Select a language/);
    await pc.sends('\r');
    await pc.says(/Select your location/);
  });
});
