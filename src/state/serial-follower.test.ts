import { describe, expect, it } from 'vitest';
import { SerialFollower, type SerialPiece } from './serial-follower.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const at = (position: number, text: string): SerialPiece => ({ position, bytes: encode(text) });

/** A follower over hosts whose history is `all.slice(kept)`. */
function setup(initial = '', options: { kept?: number; failures?: number } = {}) {
  const state = { all: initial, failures: options.failures ?? 0, asked: 0, printed: '', lost: 0 };
  const follower = new SerialFollower(
    async () => {
      state.asked++;
      if (state.failures-- > 0) throw new Error('not here');
      const kept = options.kept ?? 0;
      return at(kept, state.all.slice(kept));
    },
    {
      print: (bytes) => {
        state.printed += new TextDecoder().decode(bytes);
      },
      lost: (bytes) => {
        state.lost += bytes;
      },
    },
    async () => {},
  );
  return { follower, state };
}

describe('serial follower', () => {
  it('prints the history and then what comes', async () => {
    const { follower, state } = setup('boot ');
    await follower.synchronize();
    follower.accept(at(5, 'prompt'));
    expect(state.printed).toBe('boot prompt');
    expect(follower.position).toBe(11);
  });

  it('drops what the new host of a moved VM repeats, whole or in part', async () => {
    const { follower, state } = setup('1 2 3 ');
    await follower.synchronize();
    follower.accept(at(2, '2 3 '));
    follower.accept(at(4, '3 4 '));
    expect(state.printed).toBe('1 2 3 4 ');
  });

  it('fetches what it missed, and prints it before what came after', async () => {
    const { follower, state } = setup('ab');
    await follower.synchronize();
    state.all = 'abcdefgh';
    follower.accept(at(6, 'gh'));
    await expect.poll(() => state.printed).toBe('abcdefgh');
    expect(state.lost).toBe(0);
  });

  it('keeps what arrives while the history is under way, in order', async () => {
    const { follower, state } = setup('ab');
    const synchronized = follower.synchronize();
    follower.accept(at(4, 'ef'));
    follower.accept(at(2, 'cd'));
    await synchronized;
    expect(state.printed).toBe('abcdef');
  });

  it('asks again while the VM is between two hosts', async () => {
    const { follower, state } = setup('after', { failures: 2 });
    await follower.synchronize();
    expect(state.asked).toBe(3);
    expect(state.printed).toBe('after');
  });

  it('says how much no host keeps any more', async () => {
    const { follower, state } = setup('0123456789', { kept: 4 });
    await follower.synchronize();
    expect(state).toMatchObject({ printed: '456789', lost: 0 });
    const late = setup('ab');
    await late.follower.synchronize();
    late.follower.accept(at(5, 'fg'));
    await expect.poll(() => late.state.printed).toBe('abfg');
    expect(late.state.lost).toBe(3);
  });
});
