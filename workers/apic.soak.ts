// Soak (`npm run soak`): Linux on a machine with a local and an I/O APIC, as one that firmware starts has them: its timer, network card, serial port
// and power button interrupt through them, on every host it moves to.

import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import { APIC_DEVICES, STANDARD_DEVICES } from '../engine/vmkernel/spec/machine-spec.ts';
import { LinuxOnHosts, linux } from './testing/linux-on-hosts.ts';

const LIMIT_MS = 400_000;
const MOVES = 10;
/** What the local APIC's timer counts, by 16, in Hz. */
const TIMER_HZ = 1e9 / 16;

describe.skipIf(!linux)('Linux with APICs', { timeout: 3 * LIMIT_MS }, () => {
  let guest: LinuxOnHosts | undefined;
  afterEach(() => guest?.end());

  it('interrupts through them wherever it is', async () => {
    guest = await LinuxOnHosts.start({
      devices: [...STANDARD_DEVICES, ...APIC_DEVICES],
      nics: [{ model: 'virtio-net', mac: '52:54:00:00:00:01' }],
      ...{ bootLimitMs: LIMIT_MS, answerLimitMs: LIMIT_MS },
    });
    const ask = (command: string) => guest!.ask(command);
    /** Of interrupts of that name so far. */
    const count = async (name: string) =>
      Number(await ask(`awk '/${name}/ { n += $2 } END { print n }' /proc/interrupts`));

    expect(await ask("dmesg | grep -cE 'IO-APIC . timer doesn.t work|ACPI (BIOS )?Error'")).toBe('0');
    expect(await ask('grep -c XT-PIC /proc/interrupts')).toBe('0');
    expect(await ask("grep -cE ' 9: .*IO-APIC +9-fasteoi +acpi' /proc/interrupts")).toBe('1');
    expect(await ask("grep -E 'IO-APIC +1[01]-fasteoi' /proc/interrupts")).toContain('virtio');
    // Its own measure of the timer against the ACPI timer: mult / 2^shift is counts a nanosecond.
    const [mult, shift] = (
      await ask("awk '/^Clock Event Device: lapic/ { l = 1 } l && /^ (mult|shift):/ { print $2 }' /proc/timer_list")
    )
      .split(/\s+/)
      .map(Number);
    expect(((mult! / 2 ** shift!) * 1e9) / TIMER_HZ).toBeCloseTo(1, 1);

    for (let n = 0; n < MOVES; n++) {
      const [timer, serial, card] = [await count('LOC:'), await count('ttyS0'), await count('virtio')];
      await guest.move();
      expect(await ask('ping -c 3 10.0.0.1 | grep -c "bytes from"')).toBe('3');
      expect(await count('LOC:')).toBeGreaterThan(timer);
      expect(await count('ttyS0')).toBeGreaterThan(serial);
      expect(await count('virtio')).toBeGreaterThan(card);
    }
    const host = guest.hosts[MOVES % 2]!;
    await host.pressPowerButton('vm-1');
    await eventually(async () => expect((await host.status()).vms[0]!.power).toBe('off'));
  });
});
