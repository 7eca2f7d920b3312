import { describe, expect, it } from 'vitest';
import { deferred } from '../../engine/base/deferred.ts';
import { settled } from '../../engine/base/testing/virtual-time.ts';
import type { InputEvent } from '../../engine/host/api.ts';
import { InputLine } from './input-line.ts';

const key = (code: string, pressed = true): InputEvent => ({ kind: 'key', code, pressed });
const motion = (dx: number, dy: number, buttons = 0): InputEvent => ({
  kind: 'pointer',
  dx,
  dy,
  wheel: 0,
  horizontalWheel: 0,
  buttons,
});

/** A host that answers each call when it is told to. */
function setup() {
  const calls: { events: InputEvent[]; answer: ReturnType<typeof deferred<void>> }[] = [];
  let failures = 0;
  const line = new InputLine(
    (events) => {
      const answer = deferred<void>();
      calls.push({ events, answer });
      return answer.promise;
    },
    () => {
      failures++;
    },
  );
  const answer = async (error?: Error) => {
    const last = calls.at(-1);
    if (error) last?.answer.reject(error);
    else last?.answer.resolve();
    await settled();
  };
  return { line, calls, answer, failures: () => failures };
}

describe('what is pressed and moved', () => {
  it('goes out in order, one call under way at a time', async () => {
    const { line, calls, answer } = setup();
    for (const event of [key('KeyA'), key('KeyA', false), key('KeyB')]) line.push(event);
    expect(calls.map(({ events }) => events)).toEqual([[key('KeyA')]]);
    await answer();
    expect(calls[1].events).toEqual([key('KeyA', false), key('KeyB')]);
  });

  it('is added up where it is motion that waits', async () => {
    const { line, calls, answer } = setup();
    line.push(key('KeyA'));
    line.push(motion(1, 2));
    line.push(motion(3, -5));
    await answer();
    expect(calls[1].events).toEqual([motion(4, -3)]);
  });

  it('keeps each change of the buttons', async () => {
    const { line, calls, answer } = setup();
    line.push(key('KeyA'));
    for (const event of [motion(1, 0), motion(1, 0, 1), motion(1, 0)]) line.push(event);
    await answer();
    expect(calls[1].events).toEqual([motion(1, 0), motion(1, 0, 1), motion(1, 0)]);
  });

  it('keeps the last position, also through motion without one', async () => {
    const { line, calls, answer } = setup();
    line.push(key('KeyA'));
    const at = (x: number) => ({ ...motion(0, 0), position: { x, y: 0 } }) as InputEvent;
    for (const event of [at(0.1), at(0.2), motion(0, 0)]) line.push(event);
    await answer();
    expect(calls[1].events).toEqual([at(0.2)]);
  });

  it('is dropped with what waits when the host cannot be reached, and the line goes on', async () => {
    const { line, calls, answer, failures } = setup();
    line.push(key('KeyA'));
    line.push(key('KeyB'));
    await answer(new Error('gone'));
    expect(failures()).toBe(1);
    expect(calls).toHaveLength(1);
    line.push(key('KeyC'));
    expect(calls[1].events).toEqual([key('KeyC')]);
  });

  it('is given up in favour of releasing all keys when too much waits', async () => {
    const { line, calls, answer } = setup();
    for (let n = 0; n < 300; n++) line.push(key(`F${n}`));
    await answer();
    expect(calls[1].events[0]).toEqual({ kind: 'release-all' });
    expect(calls[1].events.length).toBeLessThanOrEqual(256);
    expect(calls[1].events.at(-1)).toEqual(key('F299'));
  });
});
