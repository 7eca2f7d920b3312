// Linux's drivers take the keyboard and the mouse for what they are, and what consoles do there arrives as its input events and as
// text at its console, before and after a move.

import { afterEach, expect, test } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import type { InputEvent } from '../engine/host/api.ts';
import { LinuxOnHosts, linux } from './testing/linux-on-hosts.ts';

const LIMIT_MS = 240_000;

let guest: LinuxOnHosts | undefined;
afterEach(() => guest?.end());

test.runIf(linux)(
  'keys, buttons, motion and wheels arrive as input events, typed text at the console',
  async () => {
    const linux = await LinuxOnHosts.start({ bootLimitMs: LIMIT_MS, answerLimitMs: LIMIT_MS });
    guest = linux;
    await linux.ask(
      'modprobe evdev; modprobe psmouse; until grep -q Explorer /proc/bus/input/devices; do sleep 1; done',
    );
    const devices = await linux.ask("grep Name /proc/bus/input/devices | cut -c 4- | tr -d '\\042'");
    expect(devices).toContain('AT Translated Set 2 keyboard');
    expect(devices).toContain('ImExPS/2');

    const keyboard = await eventOf(linux, 'keyboard');
    const mouse = await eventOf(linux, 'ImExPS/2');
    await linux.ask(
      `cat /dev/input/${keyboard} >/tmp/keys & cat /dev/input/${mouse} >/tmp/mouse & cat /dev/tty1 >/tmp/text &`,
    );
    for (const host of linux.hosts) {
      await linux.ask(': >/tmp/keys; : >/tmp/mouse; : >/tmp/text');
      await host.sendInput('vm-1', [
        ...[key('KeyQ', true), key('KeyQ', false), key('PageUp', true), key('PageUp', false)],
        ...[key('AudioMute', true), key('AudioVolumeMute', true), key('AudioVolumeMute', false)],
      ]);
      // EV_KEY (1) with KEY_Q 16, KEY_PAGEUP 104, KEY_MUTE 113.
      await eventually(async () =>
        expect(await events(linux, 'keys', 1)).toEqual(['10 1', '10 0', '68 1', '68 0', '71 1', '71 0']),
      );

      await host.sendInput('vm-1', [
        pointer({ dx: 30, dy: -20 }),
        pointer({ buttons: 1 }),
        pointer({ wheel: 1, buttons: 1 }),
        pointer({ horizontalWheel: 1 }),
        pointer({ buttons: 8 }),
        pointer({}),
      ]);
      // EV_REL (2): X, Y, HWHEEL 6, WHEEL 8; EV_KEY: BTN_LEFT 110h, BTN_SIDE 113h.
      await eventually(async () =>
        expect(await events(linux, 'mouse', 1)).toEqual(['110 1', '110 0', '113 1', '113 0']),
      );
      const moved = await events(linux, 'mouse', 2);
      expect(moved).toEqual(expect.arrayContaining(['0 1e', '1 ffffffec', '6 1', '8 ffffffff']));

      expect(await host.typeText('vm-1', 'Quite a Text: {}|~ 100%\n', 'us')).toBe(true);
      await eventually(async () => expect(await linux.ask('cat /tmp/text')).toBe('Quite a Text: {}|~ 100%'));
      const { input } = (await host.status()).vms[0];
      expect(input).toMatchObject({ typing: 0, mouseActive: true, absolutePointer: false });
      if (host === linux.hosts[0]) await linux.move();
    }
  },
  3 * LIMIT_MS,
);

const key = (code: string, pressed: boolean): InputEvent => ({ kind: 'key', code, pressed });

function pointer(change: Partial<Extract<InputEvent, { kind: 'pointer' }>>): InputEvent {
  return { kind: 'pointer', dx: 0, dy: 0, wheel: 0, horizontalWheel: 0, buttons: 0, ...change };
}

/** The device file of what has that in its name. */
async function eventOf(linux: LinuxOnHosts, name: string): Promise<string> {
  const listed = await linux.ask(`grep -A 4 "${name}" /proc/bus/input/devices | grep Handlers`);
  return /event\d+/.exec(listed)![0];
}

/** Of one type, as "code value" in hexadecimal. struct input_event of a 32-bit kernel: two words of time, type and code, value. */
async function events(linux: LinuxOnHosts, file: string, type: number): Promise<string[]> {
  const words = await linux.ask(`hexdump -v -e '4/4 "%08x " "\\n"' /tmp/${file}`);
  return [...words.matchAll(/^(\S+) (\S+) (\S{4})(\S{4}) (\S+)/gm)]
    .map(([, , , code, kind, value]) => [kind, code, value].map((word) => Number.parseInt(word, 16)))
    .filter(([kind]) => kind === type)
    .map(([, code, value]) => `${code.toString(16)} ${value.toString(16)}`);
}
