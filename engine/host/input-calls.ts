// The calls by which one console moves keyboard and pointer and hears the speaker, as the host serves them: a console that has heard all
// is notified once when there is more, and the keys and buttons that it held are released when it is gone.

import { count, DecodeError, fields, flag, text } from '../base/decode.ts';
import { ALL_BUTTONS, type InputEvent, TYPING_LIMIT } from '../pc/bus/input.ts';
import { isLayout } from '../pc/input/typed-text.ts';
import type { HostApi, LayoutName } from './api.ts';
import type { EventPort } from './event-bus.ts';
import type { ServedHost } from './serial-calls.ts';

const MAXIMUM_EVENTS = 256;
/** Counts in one event, and notches. */
const LARGEST_MOTION = 65_536;

export interface InputCalls {
  own: Pick<HostApi, 'sendInput' | 'readSpeaker'>;
  /** The console is gone. */
  gone(): void;
}

/** @param port where the console gets its events: EventBus.add has been called with it */
export function inputCalls(host: ServedHost, port: EventPort): InputCalls {
  const moved = new Set<string>();
  return {
    own: {
      sendInput(vmId, events) {
        moved.add(vmId);
        return host.sendInput(vmId, events);
      },
      async readSpeaker(vmId, position) {
        const heard = await host.readSpeaker(vmId, position);
        host.events.await(port, 'speaker', vmId);
        return heard;
      },
    },
    gone() {
      // One that is off, or has moved, has no keys to release here.
      for (const vmId of moved) void host.sendInput(vmId, [{ kind: 'release-all' }]).catch(() => {});
    },
  };
}

/** Throws DecodeError. */
export function decodeInput(value: unknown): InputEvent[] {
  if (!Array.isArray(value) || value.length > MAXIMUM_EVENTS)
    throw new DecodeError(`input comes in lists of at most ${MAXIMUM_EVENTS} events`);
  return value.map(decodeEvent);
}

function decodeEvent(value: unknown): InputEvent {
  const event = fields(value);
  switch (event.kind) {
    case 'key':
      return { kind: 'key', code: text(event.code, 'code'), pressed: flag(event.pressed, 'pressed') };
    case 'pointer':
      return {
        kind: 'pointer',
        dx: motion(event.dx, 'dx'),
        dy: motion(event.dy, 'dy'),
        wheel: motion(event.wheel, 'wheel'),
        horizontalWheel: motion(event.horizontalWheel, 'horizontalWheel'),
        buttons: count(event.buttons, 'buttons') & ALL_BUTTONS,
        ...(event.position !== undefined && { position: decodePosition(event.position) }),
      };
    case 'release-all':
      return { kind: 'release-all' };
    default:
      throw new DecodeError('there is no input of that kind');
  }
}

function motion(value: unknown, name: string): number {
  if (typeof value !== 'number' || !(Math.abs(value) <= LARGEST_MOTION))
    throw new DecodeError(`${name} is not a number of at most ${LARGEST_MOTION}`);
  return value;
}

function decodePosition(value: unknown): { x: number; y: number } {
  const { x, y } = fields(value);
  return { x: share(x), y: share(y) };
}

function share(value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw new DecodeError('a position is 0 to 1');
  return value;
}

/** Throws an Error for the user. */
export function decodeTyping(value: unknown, layout: unknown): { text: string; layout: LayoutName } {
  if (typeof value !== 'string') throw new DecodeError('what is to be typed is no text');
  if (value.length > 2 * TYPING_LIMIT || [...value].length > TYPING_LIMIT)
    throw new Error(`At most ${TYPING_LIMIT} characters are typed at a time.`);
  if (!isLayout(layout)) throw new Error('There is no keyboard of that layout.');
  return { text: value, layout };
}
