// Soak (`npm run soak`): Linux on hosts that take its pages away at random and bring them back late, elsewhere: it boots, loads its network
// card's driver, compares what it has written and read back, and moves between the hosts meanwhile.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomSupply } from '../engine/vmkernel/testing/random-supply.ts';
import { LinuxOnHosts, linux } from './testing/linux-on-hosts.ts';

const MOVES = 3;
const HASH = 'seq 1 100000 | sha256sum';
/** Eight files of 1 MiB, written and compared. */
const FILES =
  'for n in 1 2 3 4 5 6 7 8; do seq 1 150000 >/tmp/$n; done; for n in 1 2 3 4 5 6 7 8; do md5sum </tmp/$n; done | sort -u | wc -l';

describe.skipIf(!linux)('Linux whose pages come late', { timeout: 600_000 }, () => {
  const supplies: RandomSupply[] = [];
  let guest: LinuxOnHosts;

  beforeAll(async () => {
    guest = await LinuxOnHosts.start({
      nics: [{ model: 'virtio-net', mac: '52:54:00:12:34:56' }],
      host: {
        pageSupply: (host, vm) => {
          // Seldom enough that the guest gets something done.
          const supply = new RandomSupply(host, vm, { everyMs: 200, oneIn: 80, lateMs: 1 });
          supplies.push(supply);
          return supply;
        },
      },
      bootLimitMs: 500_000,
      answerLimitMs: 120_000,
    });
  }, 600_000);

  afterAll(() => guest?.end());

  it('computes what it computes elsewhere, and moves', async () => {
    expect(await guest.ask('uname -m')).toBe('i686');
    const numbers = Array.from({ length: 100_000 }, (_, n) => `${n + 1}\n`).join('');
    const sum = createHash('sha256').update(numbers).digest('hex');
    expect(await guest.ask(HASH)).toContain(sum);
    for (let n = 0; n < MOVES; n++) {
      await guest.move();
      expect(await guest.ask(HASH)).toContain(sum);
      expect(await guest.ask(FILES)).toBe('1');
    }
    const count = (one: 'taken' | 'brought') => supplies.reduce((all, supply) => all + supply[one], 0);
    console.log(`${count('taken')} pages were taken, ${count('brought')} brought`);
    expect(count('brought')).toBeGreaterThan(3000);
    expect(await guest.ask('dmesg | grep -cE "BUG:|Oops|unable to handle|general protection|lockup|corrupt"')).toBe(
      '0',
    );
  });
});
