import { beforeEach, describe, expect, test } from 'vitest';
import { TestBench } from '../testing/test-bench.ts';
import { AtKeyboard } from './keyboard.ts';

const MS = 1e6;
let bench: TestBench;
let keyboard: AtKeyboard;
let ledChanges: number;

beforeEach(() => {
  bench = new TestBench();
  ledChanges = 0;
  keyboard = build(bench);
});

function build(on: TestBench): AtKeyboard {
  return new AtKeyboard({ clock: on.clock, ready: () => {}, drained: () => {}, ledsChanged: () => ledChanges++ });
}

function sent(from = keyboard): number[] {
  const bytes: number[] = [];
  while (from.hasByte) bytes.push(from.take());
  return bytes;
}

function told(...bytes: number[]): number[] {
  return bytes.flatMap((byte) => {
    keyboard.write(byte);
    return sent();
  });
}

const down = (...codes: string[]) => codes.forEach((code) => void keyboard.key(code, true));
const up = (...codes: string[]) => codes.forEach((code) => void keyboard.key(code, false));

describe('LEDs', () => {
  test('are set by EDh, and reported once', () => {
    expect(told(0xed, 0x06)).toEqual([0xfa, 0xfa]);
    expect(keyboard.leds).toEqual({ scrollLock: false, numLock: true, capsLock: true });
    told(0xed, 0x06);
    expect(ledChanges).toBe(1);
    told(0xff);
    expect(keyboard.leds.numLock).toBe(false);
  });

  test('a command in the place of the data ends the one before', () => {
    expect(told(0xed, 0xf4)).toEqual([0xfa, 0xfa]);
    expect(ledChanges).toBe(0);
    expect(told(0x02)).toEqual([0xfe]);
  });
});

describe('the last byte', () => {
  test('is sent again by FEh, and a request for a repetition is not it', () => {
    expect(told(0xf2)).toEqual([0xfa, 0xab, 0x83]);
    expect(told(0xfe)).toEqual([0x83]);
    expect(told(0x10)).toEqual([0xfe]);
    expect(told(0xfe)).toEqual([0x83]);
  });
});

describe('a held key', () => {
  test('repeats after half a second, 10.9 times a second', () => {
    down('KeyA');
    expect(sent()).toEqual([0x1c]);
    bench.advance(499 * MS);
    expect(sent()).toEqual([]);
    let repeats = 0;
    for (let ms = 0; ms < 1000; ms++) {
      bench.advance(MS);
      repeats += sent().length;
    }
    expect(repeats).toBe(11);
    up('KeyA');
    expect(sent()).toEqual([0xf0, 0x1c]);
    bench.advance(2000 * MS);
    expect(sent()).toEqual([]);
  });

  test('repeats as F3h says: after 250 ms, 30 times a second', () => {
    told(0xf3, 0x00);
    down('KeyA');
    sent();
    bench.advance(251 * MS);
    expect(sent()).toEqual([0x1c]);
    bench.advance(34 * MS);
    expect(sent()).toEqual([0x1c]);
  });

  test('gives way to the one pressed last, and ends with that', () => {
    down('KeyA', 'KeyB');
    sent();
    bench.advance(501 * MS);
    expect(sent()).toEqual([0x32]);
    up('KeyB');
    sent();
    bench.advance(1000 * MS);
    expect(sent()).toEqual([]);
  });

  test('does not fill the buffer of a guest that reads nothing', () => {
    down('KeyA');
    bench.advance(10_000 * MS);
    up('KeyA');
    expect(sent()).toEqual([0x1c, 0xf0, 0x1c]);
  });

  test('PrtSc repeats without its shift, Pause not at all', () => {
    down('PrintScreen');
    expect(sent()).toEqual([0xe0, 0x12, 0xe0, 0x7c]);
    bench.advance(501 * MS);
    expect(sent()).toEqual([0xe0, 0x7c]);
    up('PrintScreen');
    down('Pause');
    sent();
    bench.advance(1000 * MS);
    expect(sent()).toEqual([]);
  });
});

describe('SysRq', () => {
  test('is one code, whichever of Alt and PrtSc is released first', () => {
    down('AltLeft', 'PrintScreen');
    expect(sent()).toEqual([0x11, 0x84]);
    up('AltLeft', 'PrintScreen');
    expect(sent()).toEqual([0xf0, 0x11, 0xf0, 0x84]);
  });
});

describe('set 3', () => {
  beforeEach(() => void told(0xf0, 3));

  test('by default: some keys repeat, some do not, some send nothing when released', () => {
    down('KeyA', 'ShiftLeft', 'F1');
    expect(sent()).toEqual([0x1c, 0x12, 0x07]);
    bench.advance(1000 * MS);
    expect(sent().every((byte) => byte === 0x1c)).toBe(true);
    up('F1', 'ShiftLeft', 'KeyA');
    expect(sent()).toEqual([0xf0, 0x12, 0xf0, 0x1c]);
  });

  test('FBh to FDh set single keys until the next command', () => {
    expect(told(0xfd, 0x1c, 0x32)).toEqual([0xfa, 0xfa, 0xfa]);
    expect(told(0xee)).toEqual([0xee]);
    down('KeyA', 'KeyB');
    up('KeyA', 'KeyB');
    down('KeyC');
    up('KeyC');
    expect(sent()).toEqual([0x1c, 0x32, 0x21, 0xf0, 0x21]);
  });

  test.each([
    [0xf7, 'repeat, without release', [0x1c, 0x1c]],
    [0xf8, 'release, without repetition', [0x1c, 0xf0, 0x1c]],
    [0xf9, 'neither', [0x1c]],
    [0xfa, 'both', [0x1c, 0x1c, 0xf0, 0x1c]],
  ])('%i has all keys send %s', (command, _, bytes) => {
    told(command);
    down('KeyA');
    const all = sent();
    bench.advance(520 * MS);
    all.push(...sent());
    up('KeyA');
    expect([...all, ...sent()]).toEqual(bytes);
  });
});

describe('a full buffer', () => {
  const keys = Array.from('QWERTYUIOPASDFGH', (letter) => `Key${letter}`);

  test('says that it has no room, for as long as releases wait too', () => {
    down(...keys.slice(1));
    expect([keyboard.hasRoom('KeyZ'), keyboard.hasRoom('ArrowUp')]).toEqual([true, false]);
    up('KeyW');
    expect(keyboard.hasRoom('KeyZ')).toBe(false);
    sent();
    expect(keyboard.hasRoom('ArrowUp')).toBe(true);
  });

  test('has the overrun code as its 17th byte, in set 1 another', () => {
    down(...keys, 'KeyZ', 'KeyX');
    expect(sent().slice(15)).toEqual([0x33, 0x00]);
    up(...keys);
    sent();
    told(0xf0, 1);
    down(...keys, 'KeyZ');
    expect(sent().slice(15)).toEqual([0x23, 0xff]);
  });

  test('loses presses, and never the release of a press that was sent', () => {
    down(...keys, 'KeyZ');
    up('KeyZ', ...keys);
    const bytes = sent();
    expect(bytes).not.toContain(0x1a);
    const made = bytes.slice(0, 16);
    const broken = bytes.slice(17).filter((byte) => byte !== 0xf0);
    expect(broken.toSorted()).toEqual(made.toSorted());
    down('KeyZ');
    expect(sent()).toEqual([0x1a]);
  });

  test('a key is not pressed again before its release could be sent', () => {
    down(...keys);
    up('KeyQ');
    down('KeyQ');
    up('KeyQ');
    const bytes = sent();
    expect(bytes.filter((byte) => byte === 0x15)).toHaveLength(2);
  });
});

describe('releases', () => {
  test('of keys that are held when scanning stops come when it goes on', () => {
    down('KeyA');
    sent();
    keyboard.write(0xf5);
    sent();
    up('KeyA');
    expect(sent()).toEqual([]);
    expect(told(0xf4)).toEqual([0xfa, 0xf0, 0x1c]);
  });

  test('of keys held before a reset do not come', () => {
    down('KeyA');
    sent();
    told(0xff);
    up('KeyA');
    expect(sent()).toEqual([]);
  });
});

test('the saved form carries what is held, owed, buffered and repeating', () => {
  told(0xed, 4);
  down('ShiftLeft', 'KeyA');
  bench.advance(400 * MS);
  const state = structuredClone(keyboard.save());
  const target = new TestBench();
  target.clock.restore(bench.clock.save());
  target.clock.resume();
  const copy = build(target);
  copy.restore(state);
  expect(copy.save()).toEqual(state);
  expect(sent(copy)).toEqual([0x12, 0x1c]);
  target.advance(101 * MS);
  expect(sent(copy)).toEqual([0x1c]);
  copy.key('KeyA', false);
  copy.key('ShiftLeft', false);
  expect(sent(copy)).toEqual([0xf0, 0x1c, 0xf0, 0x12]);
  expect(copy.leds.capsLock).toBe(true);
});
