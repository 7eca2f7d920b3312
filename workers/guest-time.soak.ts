// Soak (`npm run soak`): guest time as a real Linux keeps it: two hosts in this process, with vCPUs in threads of their own,
// between which the guest moves back and forth. It has no driver that would report a move to it.
//
// The guest's clock is asked over its serial port. What the answer takes on its way makes the guest look late by as much, so
// of several answers the one that came fastest counts.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APIC_DEVICES, STANDARD_DEVICES } from '../engine/vmkernel/spec/machine-spec.ts';
import { LinuxOnHosts, linux } from './testing/linux-on-hosts.ts';

const MOVES = 50;
const RIGHT_WITHIN_MS = 50;
const SAMPLES = 12;

describe.skipIf(!linux).each([
  { timers: 'PIT', devices: STANDARD_DEVICES },
  { timers: 'local APIC', devices: [...STANDARD_DEVICES, ...APIC_DEVICES] },
])('the time of a Linux guest that ticks by the $timers', { timeout: 900_000 }, ({ devices }) => {
  let guest: LinuxOnHosts;

  beforeAll(async () => {
    guest = await LinuxOnHosts.start({ devices, bootLimitMs: 200_000, answerLimitMs: 20_000 });
  }, 900_000);

  afterAll(() => guest?.end());

  /** By how many ms the guest's clock is ahead of the machine's. */
  async function ahead(): Promise<number> {
    const samples: number[] = [];
    for (let n = 0; n < SAMPLES; n++) {
      const answer = await guest.ask('adjtimex');
      const now = Date.now();
      const [seconds, microseconds] = [...answer.matchAll(/time\.tv_u?sec:\s+(\d+)/g)].map(([, value]) =>
        Number(value),
      );
      samples.push(seconds * 1000 + microseconds / 1000 - now);
    }
    return Math.max(...samples);
  }

  it(`is right after ${MOVES} moves`, async () => {
    const before = await ahead();
    let stopped = 0;
    for (let n = 0; n < MOVES; n++) stopped += await guest.move();
    const gained = (await ahead()) - before;
    console.log(
      `stood still for ${stopped.toFixed(0)} ms in ${MOVES} moves; its clock differs by ${gained.toFixed(1)} ms`,
    );
    expect(Math.abs(gained)).toBeLessThan(RIGHT_WITHIN_MS);
  });

  it('is right after a stop of seconds, and the kernel goes on trusting its clock source', async () => {
    const before = await ahead();
    const source = await guest.ask('cat /sys/devices/system/clocksource/clocksource0/current_clocksource');
    for (const host of guest.hosts) await host.setLink({ bandwidthMbits: 1000, latencyMs: 1000, loss: 0, jitterMs: 0 });
    const stopped = await guest.move();
    for (const host of guest.hosts) await host.setLink({ bandwidthMbits: 0, latencyMs: 0, loss: 0, jitterMs: 0 });
    const gained = (await ahead()) - before;
    console.log(`stood still for ${stopped.toFixed(0)} ms; its clock (${source}) differs by ${gained.toFixed(1)} ms`);
    expect(stopped).toBeGreaterThan(2500);
    expect(Math.abs(gained)).toBeLessThan(RIGHT_WITHIN_MS);
    expect(await guest.ask('cat /sys/devices/system/clocksource/clocksource0/current_clocksource')).toBe(source);
    for (const words of ['unstable|skewed', 'lockup|stall'])
      expect(await guest.ask(`dmesg | grep -icE '${words}'`)).toBe('0');
  });
});
