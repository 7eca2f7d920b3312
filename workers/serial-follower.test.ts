import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settled } from '../engine/base/testing/virtual-time.ts';
import { SerialHistory } from '../engine/vmkernel/vm/serial-history.ts';
import { SerialFollower } from './serial-follower.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A follower of a history, with a sink that may be held up. */
function setup(options: { failures?: number; slow?: boolean } = {}) {
  const history = new SerialHistory();
  const state = {
    failures: options.failures ?? 0,
    asked: 0,
    printed: '',
    live: '',
    skipped: [] as number[],
    largest: 0,
    release: [] as (() => void)[],
  };
  const follower = new SerialFollower(
    async (position, limit) => {
      state.asked++;
      if (state.failures-- > 0) throw new Error('not here');
      return history.read(position, limit);
    },
    {
      print(bytes, _, live) {
        state.printed += decode(bytes);
        if (live) state.live += decode(bytes);
        state.largest = Math.max(state.largest, bytes.length);
        if (options.slow) return new Promise((resolve) => state.release.push(resolve));
        return undefined;
      },
      skipped: (bytes) => state.skipped.push(bytes),
    },
    async () => {},
  );
  return { history, follower, state };
}

describe('serial follower', () => {
  it('prints what was there, then what comes; only the latter is live', async () => {
    const { history, follower, state } = setup();
    history.append(encode('boot '));
    follower.pull();
    await settled();
    history.append(encode('prompt'));
    follower.pull();
    await settled();
    expect(state).toMatchObject({ printed: 'boot prompt', live: 'prompt', skipped: [] });
    expect(follower.position).toBe(11);
  });

  it('has one call under way, and asks for no more while the sink is busy', async () => {
    const { history, follower, state } = setup({ slow: true });
    history.append(encode('a'));
    for (let n = 0; n < 5; n++) follower.pull();
    await settled();
    expect(state.asked).toBe(1);
    history.append(new Uint8Array(1 << 20));
    for (let n = 0; n < 5; n++) follower.pull();
    await settled();
    expect(state.asked).toBe(1);
    state.release.shift()?.();
    await settled();
    expect(state.asked).toBe(2);
    expect(state.largest).toBeLessThanOrEqual(32 * 1024);
  });

  it('goes on with the oldest that is kept when it was too slow, and says how much it missed', async () => {
    const { history, follower, state } = setup({ slow: true });
    history.append(encode('start'));
    follower.pull();
    await settled();
    for (let n = 0; n < 300; n++) history.append(encode(`${String(n).padStart(1023, '.')}\n`));
    history.append(encode('the end'));
    follower.pull();
    for (let n = 0; n < 20; n++) {
      state.release.shift()?.();
      await settled();
    }
    const kept = 256 * 1024;
    expect(state.skipped).toEqual([300 * 1024 + 'the end'.length - kept]);
    expect(state.printed).toHaveLength('start'.length + kept);
    expect(state.printed).toMatch(/the end$/);
    // Printed while no follower read: nothing of it is live.
    expect(state.live).toBe('');
    history.append(encode('now'));
    follower.pull();
    await settled();
    expect(state.live).toBe('now');
  });

  it('goes on at another host where it stopped at the last, and asks again while there is none', async () => {
    const { history, follower, state } = setup();
    history.append(encode('before '));
    follower.pull();
    await settled();
    state.failures = 3;
    history.append(encode('after'));
    follower.pull();
    await settled();
    expect(state.printed).toBe('before after');
    expect(state.skipped).toEqual([]);
  });

  it('prints nothing more once it is stopped', async () => {
    const { history, follower, state } = setup({ slow: true });
    history.append(new Uint8Array(100_000));
    follower.pull();
    await settled();
    follower.stop();
    state.release.shift()?.();
    follower.pull();
    await settled();
    expect(state.asked).toBe(1);
  });

  it('loses nothing and repeats nothing, however output and reading interleave', async () => {
    const steps = fc.array(fc.oneof(fc.nat({ max: 60_000 }), fc.constant('pull' as const)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const { history, follower, state } = setup();
        let all = '';
        for (const step of list) {
          if (step === 'pull') {
            follower.pull();
            await settled();
          } else {
            const piece = String.fromCharCode(97 + (all.length % 26)).repeat(step);
            all += piece;
            history.append(encode(piece));
          }
        }
        follower.pull();
        await settled();
        await settled();
        const skipped = state.skipped.reduce((sum, bytes) => sum + bytes, 0);
        if (skipped === 0) expect(all.endsWith(state.printed)).toBe(true);
        expect(follower.position).toBe(all.length);
        expect(state.printed.slice(-1000)).toBe(all.slice(-1000));
      }),
      { numRuns: 30 },
    );
  });
});
