// Soak (`npm run soak`): Linux on hosts that take its pages away at random and bring them back late, elsewhere: it boots, loads its network
// card's driver, compares what it has written and read back, and moves between the hosts meanwhile.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VmSpec } from '../engine/host/api.ts';
import type { HostService } from '../engine/host/host-service.ts';
import { RandomSupply } from '../engine/vmkernel/testing/random-supply.ts';
import { loadEngine } from './launch-vcpu.ts';
import { nodePlatform } from './platform-node.ts';
import { TestChannels } from './testing/test-channels.ts';
import { startTestHost } from './testing/test-host.ts';

const GUESTS = new URL('../public/guests/', import.meta.url);
const MOVES = 3;
const CHUNK = 65_536;
const HASH = 'seq 1 100000 | sha256sum';
/** Eight files of 1 MiB, written and compared. */
const FILES =
  'for n in 1 2 3 4 5 6 7 8; do seq 1 150000 >/tmp/$n; done; for n in 1 2 3 4 5 6 7 8; do md5sum </tmp/$n; done | sort -u | wc -l';

const { guests } = JSON.parse(await readFile(new URL('manifest.json', GUESTS), 'utf8').catch(() => '{"guests":[]}'));
const [linux] = guests as { kernel: string; initrd: string; commandLine: string; memoryMiB: number }[];

describe.skipIf(!linux)('Linux whose pages come late', { timeout: 600_000 }, () => {
  const hosts: HostService[] = [];
  const supplies: RandomSupply[] = [];
  let place = 0;
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
    nics: [{ model: 'virtio-net', mac: '52:54:00:12:34:56' }],
  };

  beforeAll(async () => {
    const channels = new TestChannels();
    for (const id of ['a', 'b']) {
      const { service } = await startTestHost(channels, id, 256, {
        loadEngine: () => loadEngine(nodePlatform),
        fetchImage: async (source) =>
          source.kind === 'url' ? new Uint8Array(await readFile(new URL(source.url, GUESTS))) : source.bytes,
        pageSupply: (host, vm) => {
          // Seldom enough that the guest gets something done.
          const supply = new RandomSupply(host, vm, { everyMs: 200, oneIn: 80, lateMs: 1 });
          supplies.push(supply);
          return supply;
        },
      });
      hosts.push(service);
    }
    await hosts[0]!.createVm(spec);
    await hosts[0]!.powerOn('vm-1');
    await says(/~# /, 500_000);
  }, 600_000);

  afterAll(async () => {
    await Promise.allSettled(hosts.map((host) => host.shutdown(true)));
  });

  async function says(what: RegExp, limitMs = 120_000): Promise<RegExpExecArray> {
    const limit = performance.now() + limitMs;
    for (;;) {
      const chunk = await hosts[place]!.readSerial('vm-1', read, CHUNK);
      read = chunk.position + chunk.bytes.length;
      text += new TextDecoder().decode(chunk.bytes);
      const found = what.exec(text);
      if (found) return found;
      if (performance.now() > limit) throw new Error(`The guest did not say ${what}, but: ${text.slice(-500)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function ask(command: string): Promise<string> {
    text = '';
    asked += 1;
    await hosts[place]!.serialInput('vm-1', new TextEncoder().encode(`${command}; echo "=${asked}"\n`));
    const [, answer] = await says(new RegExp(`.*"=${asked}"\\s*\\r\\n([^"]*?)=${asked}\\r\\n`, 's'));
    return answer!.trim();
  }

  it('computes what it computes elsewhere, and moves', async () => {
    expect(await ask('uname -m')).toBe('i686');
    const numbers = Array.from({ length: 100_000 }, (_, n) => `${n + 1}\n`).join('');
    const sum = createHash('sha256').update(numbers).digest('hex');
    expect(await ask(HASH)).toContain(sum);
    for (let n = 0; n < MOVES; n++) {
      await hosts[place]!.migrate('vm-1', place === 0 ? 'b' : 'a', { downtimeLimitMs: 4900 });
      place = 1 - place;
      expect(await ask(HASH)).toContain(sum);
      expect(await ask(FILES)).toBe('1');
    }
    const count = (one: 'taken' | 'brought') => supplies.reduce((all, supply) => all + supply[one], 0);
    console.log(`${count('taken')} pages were taken, ${count('brought')} brought`);
    expect(count('brought')).toBeGreaterThan(3000);
    expect(await ask('dmesg | grep -cE "BUG:|Oops|unable to handle|general protection|lockup|corrupt"')).toBe('0');
  });
});
