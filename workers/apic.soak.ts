// Soak (`npm run soak`): Linux on a machine with a local and an I/O APIC, as one that firmware starts has them: its timer, network card, serial port
// and power button interrupt through them, on every host it moves to.

import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import { APIC_DEVICES, STANDARD_DEVICES } from '../engine/vmkernel/spec/machine-spec.ts';
import { LinuxOnHosts, linux } from './testing/linux-on-hosts.ts';

const LIMIT_MS = 400_000;
const MOVES = 10;
const NAMES = [/LOC:/, /ttyS0/, /virtio/];
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
    // Lines longer than the terminal would be broken in its echo.
    const ask = (command: string) => guest!.ask(command);
    const interrupts = () => ask('cat /proc/interrupts');
    /** Of interrupts of that name so far. */
    const count = async (name: RegExp) =>
      (await interrupts())
        .split('\n')
        .filter((line) => name.test(line))
        .reduce((sum, line) => sum + Number(line.split(/\s+/).find((word) => /^\d+$/.test(word))), 0);

    expect(await ask('dmesg | grep -cE "timer doesn|ACPI.*Error"')).toBe('0');
    const table = await interrupts();
    expect(table).not.toContain('XT-PIC');
    expect(table).toMatch(/ 9: .*IO-APIC +9-fasteoi +acpi/);
    expect(table).toMatch(/IO-APIC +1[01]-fasteoi +virtio/);
    // Its own measure of the timer against the ACPI timer: mult / 2^shift is counts a nanosecond.
    const timer = await ask('grep -A9 "Device: lapic" /proc/timer_list');
    const [mult, shift] = ['mult', 'shift'].map((field) => Number(new RegExp(`${field}: +(\\d+)`).exec(timer)?.[1]));
    expect(((mult! / 2 ** shift!) * 1e9) / TIMER_HZ).toBeCloseTo(1, 1);

    for (let n = 0; n < MOVES; n++) {
      const before: number[] = [];
      for (const name of NAMES) before.push(await count(name));
      await guest.move();
      expect(await ask('ping -c 3 10.0.0.1 | grep -c "bytes from"')).toBe('3');
      for (const [i, name] of NAMES.entries()) expect(await count(name)).toBeGreaterThan(before[i]!);
    }
    const host = guest.hosts[MOVES % 2]!;
    await host.pressPowerButton('vm-1');
    await eventually(async () => expect((await host.status()).vms[0]!.power).toBe('off'));
  });
});
