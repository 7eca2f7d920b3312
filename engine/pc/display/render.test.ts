import { beforeEach, describe, expect, it, test } from 'vitest';
import {
  attribute,
  crtc,
  fill,
  graphics,
  out,
  type Step,
  sequence,
  sequencer,
  setMode,
  vbe,
  write,
} from '../devices/vga/testing/scenarios.ts';
import { VgaMachine } from '../devices/vga/testing/vga-machine.ts';
import { type Blink, blinkAt, NO_BLINK } from './blink.ts';
import { renderDisplay } from './render.ts';
import { type DisplayTarget, displayTarget } from './target.ts';
import { textLines, textScreen } from './text-screen.ts';

let machine: VgaMachine;
beforeEach(() => {
  machine = new VgaMachine({ firmware: false });
});

const TEXT = 0xb8000;

/** What a pixel of the whole picture shows, as 0xRRGGBB. */
const pixel = ({ width, rgb }: { width: number; rgb: Uint8Array }, x: number, y: number): number => {
  const at = 3 * (y * width + x);
  return (rgb[at]! << 16) | (rgb[at + 1]! << 8) | rgb[at + 2]!;
};

/** A glyph of eight lines of two bytes, as a font of which only this one is loaded. */
const glyph = (code: number, ...lines: number[]): Step[] => [
  ...[sequencer(2, 4), sequencer(4, 6), graphics(4, 2), graphics(5, 0), graphics(6, 4)],
  ...lines.map((line, n) => write(0xa0000 + 32 * code + n, line)),
  ...[sequencer(2, 3), sequencer(4, 2), graphics(4, 0), graphics(5, 0x10), graphics(6, 0x0e)],
];
/** Of the first pixel that is another, or -1. */
const differing = (a: Uint32Array, b: Uint32Array): number =>
  a.length === b.length ? a.findIndex((color, n) => color !== b[n]) : a.length;
const FULL = new Array<number>(16).fill(0xff);
const clear = (cells = 2000): Step[] => Array.from({ length: cells }, (_, n) => write(TEXT + 2 * n, 0x0720, 2));
const dots = (cellX: number, line: number, picture = machine.picture(), cellWidth = 9): string => {
  return Array.from({ length: cellWidth }, (_, x) => (pixel(picture, cellX * cellWidth + x, line) ? '#' : '.')).join(
    '',
  );
};

// Without firmware mode 3 is set, cursor in lines 13 and 14 of the first cell, blinking.
describe('text (IBM VGA Technical Reference, attribute controller)', () => {
  it('repeats the eighth dot of C0h to DFh only, and only with line graphics', () => {
    machine.run([...clear(), crtc(0x0a, 0x20)]);
    for (const [n, code] of [0xbf, 0xc0, 0xdf, 0xe0].entries())
      machine.run([...glyph(code, ...FULL), write(TEXT + 2 * n, 0x0700 | code, 2)]);
    expect([0, 1, 2, 3].map((n) => dots(n, 3))).toEqual(['########.', '#########', '#########', '########.']);
    machine.run(attribute(0x10, 0x08));
    expect(dots(1, 3)).toBe('########.');
  });

  it('underlines the colour 1 where the underline is, which is behind all lines in colour modes', () => {
    machine.run([...clear(), crtc(0x0a, 0x20), write(TEXT, 0x0120, 2), write(TEXT + 2, 0x0920, 2)]);
    expect(dots(0, 12)).toBe('.........');
    machine.run([crtc(0x14, 12)]);
    expect([dots(0, 12), dots(1, 12), dots(2, 12), dots(0, 13)]).toEqual([
      ...['#########', '#########', '.........', '.........'],
    ]);
  });

  it('has a cursor of any shape that blinks, or none', () => {
    machine.run([...clear(), crtc(0x0e, 0), crtc(0x0f, 82), crtc(0x0a, 3), crtc(0x0b, 5)]);
    const lines = (blink?: Blink) => {
      const picture = machine.picture(blink);
      return Array.from({ length: 16 }, (_, y) => dots(2, 16 + y, picture)).flatMap((line, y) =>
        line === '#########' ? [y] : [],
      );
    };
    expect(lines()).toEqual([3, 4, 5]);
    expect(lines(blinkAt(8))).toEqual([]);
    machine.run([crtc(0x0a, 6)]);
    expect(lines()).toEqual([]);
    machine.run([crtc(0x0a, 0x23)]);
    expect(lines()).toEqual([]);
    machine.run([crtc(0x0a, 0), crtc(0x0b, 31)]);
    expect(lines().length).toBe(16);
  });

  it('blinks with bit 7 of the attribute, or has 16 background colours', () => {
    machine.run([...clear(), ...glyph(0x41, ...FULL), write(TEXT, 0x9741, 2), crtc(0x0a, 0x20)]);
    const colors = (blink: Blink) => [pixel(machine.picture(blink), 0, 0), pixel(machine.picture(blink), 8, 0)];
    expect(colors(blinkAt(0))).toEqual([0xaaaaaa, 0x0000aa]);
    expect(colors(blinkAt(16))).toEqual([0x0000aa, 0x0000aa]);
    machine.run(attribute(0x10, 0x04));
    expect(colors(blinkAt(16))).toEqual([0xaaaaaa, 0x5555ff]);
  });

  it('is moved by panning, preset row and line compare', () => {
    machine.run([...clear(), ...glyph(0x41, 0xff), write(TEXT + 2, 0x0741, 2), crtc(0x0a, 0x20)]);
    expect([dots(0, 0), dots(1, 0)]).toEqual(['.........', '########.']);
    machine.run(attribute(0x13, 0)); // by one dot, of nine
    expect([dots(0, 0), dots(1, 0)]).toEqual(['........#', '#######..']);
    machine.run([...attribute(0x13, 8), crtc(8, 15), write(TEXT + 162, 0x0741, 2)]);
    expect([dots(1, 0), dots(1, 1)]).toEqual(['.........', '########.']);
    machine.run([crtc(8, 0x20)]); // by one byte
    expect(dots(0, 0)).toBe('########.');
    machine.run([crtc(8, 0), crtc(0x18, 99), crtc(7, 0x0f), crtc(9, 0x0f), ...attribute(0x13, 0)]);
    expect([dots(1, 100), dots(1, 101)]).toEqual(['#######..', '.........']);
    machine.run(attribute(0x10, 0x2c)); // the second part stays where it is
    expect([dots(1, 0), dots(1, 100)]).toEqual(['#######..', '########.']);
  });

  it('is known as characters', () => {
    machine.run(clear());
    for (const [n, code] of [...'Hello, ']
      .map((letter) => letter.charCodeAt(0))
      .concat(0xc9, 0xcd, 0xe1)
      .entries())
      machine.run([write(TEXT + 160 * 3 + 2 * n, 0x1e00 | code, 2)]);
    machine.run([crtc(0x0e, 0), crtc(0x0f, 243)]);
    const screen = textScreen(machine.state, machine.vram)!;
    expect([screen.columns, screen.rows, screen.cursor]).toEqual([80, 25, { column: 3, row: 3 }]);
    expect(textLines(screen)[3]).toBe('Hello, ╔═ß');
    expect([screen.attributes[240], screen.attributes[0]]).toEqual([0x1e, 0x07]);
    machine.run(setMode('12'));
    expect(textScreen(machine.state, machine.vram)).toBeUndefined();
  });
});

describe('graphics', () => {
  it('is moved by single pixels, in 256 colours by every second dot', () => {
    machine.run([...setMode('12'), sequencer(2, 15), fill(0xa0000, 200, 5)]);
    const line = () => {
      const picture = machine.picture();
      return Array.from({ length: 100 }, (_, x) => pixel(picture, x, 0));
    };
    const before = line();
    machine.run(attribute(0x13, 3));
    expect(line().slice(0, 97)).toEqual(before.slice(3));
    machine.run([...setMode('13'), fill(0xa0000, 1000, 5)]);
    const wide = line();
    machine.run(attribute(0x13, 4));
    expect(line().slice(0, 96)).toEqual(wide.slice(4));
  });

  it('goes round behind 256 KiB', () => {
    machine.run([...setMode('13'), fill(0xa0000, 0x10000, 5), crtc(0x0c, 0xff), crtc(0x0d, 0xff)]);
    const picture = machine.picture();
    machine.run([crtc(0x0c, 0), crtc(0x0d, 0)]);
    const first = machine.picture();
    expect([pixel(picture, 8, 0), pixel(picture, 10, 0)]).toEqual([pixel(first, 0, 0), pixel(first, 2, 0)]);
  });

  it('is as small as it can be: 320 × 200 pixels, each of 2 × 2 dots', () => {
    const target = displayTarget();
    machine.run(setMode('13'));
    renderDisplay(machine.state, machine.vram, 'all', NO_BLINK, target);
    const { width, height, scaleX, scaleY } = target;
    expect([width, height, scaleX, scaleY]).toEqual([320, 200, 2, 2]);
    // A split in the middle of a row needs all scan lines.
    machine.run([crtc(0x18, 100), crtc(7, 0x0f), crtc(9, 0x01)]);
    renderDisplay(machine.state, machine.vram, 'all', NO_BLINK, target);
    expect([target.height, target.scaleY]).toEqual([400, 1]);
  });

  it('has 16 colours in VBE modes of 4 bits, with memory of more than 64 KiB a plane', () => {
    machine.run([...setMode('12'), ...vbe(1, 1024), ...vbe(2, 768), ...vbe(3, 4), ...vbe(4, 1)]);
    machine.run([sequencer(4, 6), graphics(5, 0)]);
    const data = [0, 1, 2, 3].map((plane) => sequence(plane + 1, 0x8000));
    for (const [plane, bytes] of data.entries())
      machine.run([sequencer(2, 1 << plane), ...vbe(5, 1), ...[...bytes].map((byte, n) => write(0xa0000 + n, byte))]);
    const { state } = machine;
    const { palette } = state.picture as { palette: Uint32Array };
    const target = displayTarget();
    renderDisplay(state, machine.vram, 'all', NO_BLINK, target);
    const wrong = [...target.pixels.subarray(0x80000)].findIndex((color, n) => {
      const bits = data.map((bytes) => (bytes[n >> 3]! >> (7 - (n & 7))) & 1);
      return color !== palette[bits[0]! | (bits[1]! << 1) | (bits[2]! << 2) | (bits[3]! << 3)];
    });
    expect(wrong).toBe(-1);
  });

  it('passes colours through the mask of the DAC', () => {
    machine.run([...setMode('13'), write(0xa0000, 0x15), write(0xa0001, 0x05), out(0x3c6, 0x0f)]);
    const picture = machine.picture();
    expect(pixel(picture, 0, 0)).toBe(pixel(picture, 2, 0));
  });
});

describe('only what has changed is drawn', () => {
  let target: DisplayTarget;
  const draw = (blink = NO_BLINK) => renderDisplay(machine.state, machine.vram, machine.changed(), blink, target);
  const whole = (blink = NO_BLINK) => {
    const fresh = displayTarget();
    renderDisplay(machine.state, machine.vram, 'all', blink, fresh);
    return fresh.pixels;
  };
  beforeEach(() => {
    target = displayTarget();
  });

  it('in text modes', () => {
    machine.run([...clear(2080), ...glyph(0x41, ...FULL)]);
    expect(draw()).toEqual([{ first: 0, count: 400 }]);
    expect(draw()).toEqual([]);
    machine.run([write(TEXT + 160 * 7 + 10, 0x0741, 2)]);
    expect(draw()).toEqual([{ first: 112, count: 16 }]);
    machine.run([crtc(0x0f, 80 * 3)]);
    expect(draw()).toEqual([
      { first: 0, count: 16 },
      { first: 48, count: 16 },
    ]);
    expect(draw(blinkAt(8))).toEqual([{ first: 48, count: 16 }]);
    expect(draw(blinkAt(9))).toEqual([]);
    machine.run([crtc(0x0d, 80), crtc(0x0f, 80 * 4)]); // the screen scrolls by a line
    expect(draw(blinkAt(9))).toEqual([{ first: 96, count: 32 }]);
    expect(differing(target.pixels, whole(blinkAt(9)))).toBe(-1);
    machine.run(glyph(0x41, 0x18));
    expect(draw(blinkAt(9))).toEqual([{ first: 0, count: 400 }]);
    expect(differing(target.pixels, whole(blinkAt(9)))).toBe(-1);
  });

  it('in graphics modes', () => {
    machine.run([...setMode('12'), sequencer(2, 15)]);
    draw();
    machine.run([write(0xa0000 + 80 * 100 + 3, 0xff)]);
    // The page of 4 KiB in which that is: 1024 positions, 12.8 lines.
    const [range, ...more] = draw();
    expect(more).toEqual([]);
    expect(range).toEqual({ first: 89, count: 14 });
    expect(differing(target.pixels, whole())).toBe(-1);
    machine.run([out(0x3c8, 0), out(0x3c9, 1), out(0x3c9, 2), out(0x3c9, 3)]);
    expect(draw()).toEqual([{ first: 0, count: 480 }]);
    machine.run([crtc(0x0d, 80)]);
    expect(draw()).toEqual([{ first: 0, count: 480 }]);
    expect(differing(target.pixels, whole())).toBe(-1);
  });

  it('in linear modes', () => {
    machine.run([...vbe(1, 1024), ...vbe(2, 768), ...vbe(3, 32), ...vbe(4, 0x41)]);
    draw();
    machine.run([write(0xfd000000 + 4096 * 500 + 17, 0xff), write(0xfd000000 + 4096 * 502, 0xff)]);
    expect(draw()).toEqual([
      { first: 500, count: 1 },
      { first: 502, count: 1 },
    ]);
    expect(differing(target.pixels, whole())).toBe(-1);
    machine.run([write(0xfd000000 + 4096 * 900, 1)]); // not on the screen
    expect(draw()).toEqual([]);
  });

  // Random writes and modes: what is drawn step by step is what is drawn at once.
  it.each([1, 2, 3])('never less than that, seed %i', (seed) => {
    const bytes = sequence(seed, 5000);
    let at = 0;
    const next = () => bytes[at++ % bytes.length]!;
    const modes = ['text 80x25', 'text 80x50', '4', '6', 'D', '12', '13', 'X'] as const;
    for (let n = 0; n < 120; n++) {
      if (n % 15 === 0) machine.run(setMode(modes[next() % modes.length]!));
      const base = machine.state.picture.kind === 'text' ? TEXT : 0xa0000;
      machine.run([fill(base + next() * 128, 1 + next() / 2, next())]);
      if (next() % 4 === 0) machine.run([crtc([0x0c, 0x0d, 0x0e, 0x0f, 0x08, 0x18][next() % 6]!, next() & 0x1f)]);
      if (next() % 8 === 0) machine.run(attribute(0x13, next() & 7));
      const blink = blinkAt(n);
      draw(blink);
      expect(differing(target.pixels, whole(blink))).toBe(-1);
    }
  });
});

test('a screen that is off is black, and drawn once', () => {
  const target = displayTarget();
  machine.run([...setMode('13'), fill(0xa0000, 64000, 1), out(0x3c4, 1), out(0x3c5, 0x21)]);
  expect(renderDisplay(machine.state, machine.vram, 'all', NO_BLINK, target).length).toBe(1);
  expect(target.pixels.every((color) => color === 0xff000000)).toBe(true);
  expect(renderDisplay(machine.state, machine.vram, 'all', NO_BLINK, target)).toEqual([]);
});
