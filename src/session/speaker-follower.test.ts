import { describe, expect, it } from 'vitest';
import { settled } from '../../engine/base/testing/virtual-time.ts';
import type { SpeakerChange } from '../../engine/host/api.ts';
import { SpeakerFollower } from './speaker-follower.ts';

const tone = (at: number, hz: number): SpeakerChange => ({ at, hz, level: 0 });

function setup(changes: SpeakerChange[]) {
  const state = { changes, isThere: true, heard: [] as number[] };
  const follower = new SpeakerFollower(
    async (position) => {
      if (!state.isThere) throw new Error('It is at another host.');
      return { position, changes: state.changes.slice(position), end: state.changes.length };
    },
    (taken) => state.heard.push(...taken.map(({ hz }) => hz)),
  );
  const pull = () => {
    follower.pull();
    return settled();
  };
  return { state, follower, pull };
}

describe('the speaker', () => {
  it('is heard as it is now, not as it was before', async () => {
    const { state, pull } = setup([tone(0, 100), tone(1, 200), tone(2, 300)]);
    await pull();
    expect(state.heard).toEqual([300]);
  });

  it('is heard in all that it does from then on, once', async () => {
    const { state, pull } = setup([]);
    await pull();
    state.changes.push(tone(0, 440), tone(1, 0));
    await pull();
    await pull();
    expect(state.heard).toEqual([440, 0]);
  });

  it('is listened to again after the host did not answer', async () => {
    const { state, pull } = setup([tone(0, 100)]);
    state.isThere = false;
    await pull();
    state.isThere = true;
    await pull();
    expect(state.heard).toEqual([100]);
  });

  it('is not heard any more after the end', async () => {
    const { state, follower, pull } = setup([tone(0, 100)]);
    follower.pull();
    follower.stop();
    await settled();
    await pull();
    expect(state.heard).toEqual([]);
  });
});
