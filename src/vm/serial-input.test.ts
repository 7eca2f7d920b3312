import { describe, expect, it } from 'vitest';
import { settled } from '../../engine/base/testing/virtual-time.ts';
import type { SerialInputOptions } from '../../engine/host/api.ts';
import { SerialInput } from './serial-input.ts';

const encode = (text: string) => new TextEncoder().encode(text);

/** A guest behind a port with room for `capacity` bytes. */
function setup(capacity = 10) {
  const state = { queue: '', read: '', run: 1, isOn: true, calls: [] as SerialInputOptions[], dropped: [] as string[] };
  let tell = () => {};
  const input = new SerialInput('terminal', {
    async offer(bytes, options) {
      if (!state.isOn) throw new Error('web is not running here.');
      state.calls.push(options);
      if (options.discard) state.queue = '';
      if (options.run !== undefined && options.run !== state.run) return { accepted: 0, run: state.run };
      const taken = new TextDecoder().decode(bytes.subarray(0, capacity - state.queue.length));
      state.queue += taken;
      return { accepted: taken.length, run: state.run };
    },
    isOn: () => state.isOn,
    onRoom(listener) {
      tell = listener;
      return () => {};
    },
    onDropped: (reason) => state.dropped.push(reason),
    delay: async () => {},
  });
  const room = async () => {
    tell();
    await settled();
  };
  /** The guest reads what waits, as often as there is something. */
  const guestReads = async (times = 1) => {
    for (let n = 0; n < times; n++) {
      state.read += state.queue;
      state.queue = '';
      await room();
    }
  };
  return { input, state, room, guestReads };
}

describe('input of a terminal', () => {
  it('arrives whole and in order, at the pace of the guest, and tells how far a paste is', async () => {
    const { input, state, guestReads } = setup();
    input.paste(encode('0123456789abcdefghijklmno'), false);
    input.type(encode('!'));
    await settled();
    expect(state.queue).toBe('0123456789');
    expect(input.progress).toEqual({ sent: 10, total: 25 });
    await guestReads(5);
    expect(state.read).toBe('0123456789abcdefghijklmno!');
    expect(input.progress).toBeUndefined();
  });

  it('asks no more often than there is room', async () => {
    const { input, state } = setup();
    input.paste(encode('x'.repeat(100)), false);
    await settled();
    expect(state.calls).toHaveLength(1);
  });

  it('lets Ctrl-C through at once, and forgets the rest of the paste and what waits', async () => {
    const { input, state, guestReads } = setup();
    input.paste(encode('a'.repeat(100)), false);
    await settled();
    input.type(encode('later'));
    input.type(Uint8Array.of(3));
    await settled();
    expect(state.queue).toBe('\x03');
    expect(input.progress).toBeUndefined();
    input.type(encode('ls'));
    await guestReads(3);
    expect(state.read).toBe('\x03ls');
  });

  it('ends a bracketed paste with its mark when it is cancelled', async () => {
    const { input, state } = setup();
    input.paste(encode(`\x1b[200~${'a'.repeat(100)}\x1b[201~`), true);
    await settled();
    input.cancelPaste();
    await settled();
    expect(state.queue).toBe('\x1b[201~');
  });

  it('does not reach the machine after a reset, and says so', async () => {
    const { input, state, room } = setup();
    input.paste(encode('rm -r *\r'.repeat(20)), false);
    await settled();
    state.queue = '';
    state.run = 2;
    await room();
    expect(state.queue).toBe('');
    expect(state.dropped).toEqual(['the VM was reset: 150 B of the paste were not sent.']);
    expect(input.progress).toBeUndefined();
    input.type(encode('new'));
    await settled();
    expect(state.queue).toBe('new');
  });

  it('is dropped with the reason when the VM goes off', async () => {
    const { input, state, room } = setup();
    input.paste(encode('a'.repeat(100)), false);
    await settled();
    state.isOn = false;
    await room();
    expect(state.dropped).toEqual(['web is not running here.']);
    expect(input.progress).toBeUndefined();
  });

  it('is bounded when the guest does not read', async () => {
    const { input, state } = setup();
    for (let n = 0; n < 500; n++) input.type(encode('0123456789'));
    await settled();
    expect(state.dropped).toContain('the guest does not read what is typed.');
  });
});
