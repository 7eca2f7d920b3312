// Soak (`npm run soak`): guest time as a real Linux keeps it: two hosts in this process, with vCPUs in threads of their own,
// between which the guest moves back and forth. It has no driver that would report a move to it.
//
// The guest's clock is asked over its serial port. What the answer takes on its way makes the guest look late by as much, so
// of several answers the one that came fastest counts.

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VmSpec } from '../engine/host/api.ts';
import type { HostService } from '../engine/host/host-service.ts';
import { loadEngine } from './launch-vcpu.ts';
import { nodePlatform } from './platform-node.ts';
import { TestChannels } from './testing/test-channels.ts';
import { startTestHost } from './testing/test-host.ts';

const GUESTS = new URL('../public/guests/', import.meta.url);
const MOVES = 50;
const RIGHT_WITHIN_MS = 50;
const SAMPLES = 12;
const CHUNK = 65_536;

const { guests } = JSON.parse(await readFile(new URL('manifest.json', GUESTS), 'utf8').catch(() => '{"guests":[]}'));
const [linux] = guests as { kernel: string; initrd: string; commandLine: string; memoryMiB: number }[];

describe.skipIf(!linux)('the time of a Linux guest', { timeout: 240_000 }, () => {
  const hosts: HostService[] = [];
  let place = 0;
  /** What the guest has printed since it was asked last, and how far it was read. */
  let text = '';
  let read = 0;
  let asked = 0;

  const spec: VmSpec = {
    id: 'vm-1',
    name: 'web',
    guestOs: 'Linux',
    memoryMiB: linux?.memoryMiB ?? 0,
    kernel: { kind: 'url', url: linux?.kernel ?? '' },
    initrd: { kind: 'url', url: linux?.initrd ?? '' },
    commandLine: linux?.commandLine ?? '',
  };

  beforeAll(async () => {
    const channels = new TestChannels();
    for (const id of ['a', 'b']) {
      const { service } = await startTestHost(channels, id, 256, {
        loadEngine: () => loadEngine(nodePlatform),
        fetchImage: async (source) =>
          source.kind === 'url' ? new Uint8Array(await readFile(new URL(source.url, GUESTS))) : source.bytes,
      });
      hosts.push(service);
    }
    await hosts[0].createVm(spec);
    await hosts[0].powerOn('vm-1');
    await says(/~# /, 200_000);
  }, 240_000);

  afterAll(async () => {
    await Promise.allSettled(hosts.map((host) => host.shutdown(true)));
  });

  async function take(): Promise<void> {
    const chunk = await hosts[place].readSerial('vm-1', read, CHUNK);
    read = chunk.position + chunk.bytes.length;
    text += new TextDecoder().decode(chunk.bytes);
  }

  async function says(what: RegExp, limitMs = 20_000): Promise<RegExpExecArray> {
    const limit = performance.now() + limitMs;
    for (;;) {
      await take();
      const found = what.exec(text);
      if (found) return found;
      if (performance.now() > limit) throw new Error(`The guest did not say ${what}, but: ${text.slice(-500)}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async function ask(command: string): Promise<string> {
    await take();
    text = '';
    asked += 1;
    await hosts[place].serialInput('vm-1', new TextEncoder().encode(`${command}; echo "=${asked}"\n`));
    // Behind the last echo of what was typed: before the shell takes the terminal over, that comes twice.
    const [, answer] = await says(new RegExp(`.*"=${asked}"\\s*\\r\\n([^"]*?)=${asked}\\r\\n`, 's'));
    return answer.trim();
  }

  /** By how many ms the guest's clock is ahead of the machine's. */
  async function ahead(): Promise<number> {
    const samples: number[] = [];
    for (let n = 0; n < SAMPLES; n++) {
      const answer = await ask('adjtimex');
      const now = Date.now();
      const [seconds, microseconds] = [...answer.matchAll(/time\.tv_u?sec:\s+(\d+)/g)].map(([, value]) =>
        Number(value),
      );
      samples.push(seconds * 1000 + microseconds / 1000 - now);
    }
    return Math.max(...samples);
  }

  async function move(): Promise<number> {
    const statistics = await hosts[place].migrate('vm-1', place === 0 ? 'b' : 'a', { downtimeLimitMs: 4900 });
    place = 1 - place;
    return statistics.downtimeMs ?? 0;
  }

  it(`is right after ${MOVES} moves`, async () => {
    const before = await ahead();
    let stopped = 0;
    for (let n = 0; n < MOVES; n++) stopped += await move();
    const gained = (await ahead()) - before;
    console.log(
      `stood still for ${stopped.toFixed(0)} ms in ${MOVES} moves; its clock differs by ${gained.toFixed(1)} ms`,
    );
    expect(Math.abs(gained)).toBeLessThan(RIGHT_WITHIN_MS);
  });

  it('is right after a stop of seconds, and the kernel goes on trusting its clock source', async () => {
    const before = await ahead();
    const source = await ask('cat /sys/devices/system/clocksource/clocksource0/current_clocksource');
    for (const host of hosts) await host.setLink({ bandwidthMbits: 1000, latencyMs: 1000, loss: 0, jitterMs: 0 });
    const stopped = await move();
    for (const host of hosts) await host.setLink({ bandwidthMbits: 0, latencyMs: 0, loss: 0, jitterMs: 0 });
    const gained = (await ahead()) - before;
    console.log(`stood still for ${stopped.toFixed(0)} ms; its clock (${source}) differs by ${gained.toFixed(1)} ms`);
    expect(stopped).toBeGreaterThan(2500);
    expect(Math.abs(gained)).toBeLessThan(RIGHT_WITHIN_MS);
    expect(await ask('cat /sys/devices/system/clocksource/clocksource0/current_clocksource')).toBe(source);
    for (const words of ['unstable|skewed', 'lockup|stall'])
      expect(await ask(`dmesg | grep -icE '${words}'`)).toBe('0');
  });
});
