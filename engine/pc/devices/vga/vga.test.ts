import { describe, expect, it, test } from 'vitest';
import { NO_BLINK } from '../../display/blink.ts';
import { renderDisplay } from '../../display/render.ts';
import { displayTarget } from '../../display/target.ts';
import { deviceProblem } from '../../machine/machine-check.ts';
import { edid } from './edid.ts';
import {
  attribute,
  fill,
  graphics,
  loadFont,
  out,
  read,
  type Step,
  sequence,
  sequencer,
  setMode,
  vbe,
  write,
} from './testing/scenarios.ts';
import { VgaMachine } from './testing/vga-machine.ts';

const FRAME_BUFFER = 0xfd000000;

const config = (machine: VgaMachine, register: number, slot = 2): number => {
  machine.out(0xcf8, 0x80000000 + slot * 0x800 + register, 4);
  return machine.in(0xcfc, 4);
};

const linear = (width: number, height: number, bits: number, flags = 0x41): Step[] => [
  ...vbe(4, 0),
  ...vbe(1, width),
  ...vbe(2, height),
  ...vbe(3, bits),
  ...vbe(4, flags),
  { do: 'look' },
  out(0x3c0, 0x20),
];

describe('on the PCI bus', () => {
  it('is QEMU’s standard VGA, and in place without firmware', () => {
    const machine = new VgaMachine({ firmware: false });
    expect([0x00, 0x08, 0x2c].map((register) => config(machine, register))).toEqual([
      0x11111234, 0x03000002, 0x11001af4,
    ]);
    expect([0x04, 0x10, 0x18].map((register) => config(machine, register))).toEqual([
      0x02000003, 0xfd000008, 0xfebf0000,
    ]);
    machine.write(FRAME_BUFFER + 0x1234, 0x5a);
    expect([machine.vram[0x1234], machine.exits]).toEqual([0x5a, 0]);
  });

  it('waits for firmware to place it, and has 16 MiB', () => {
    const machine = new VgaMachine();
    expect(config(machine, 0x10)).toBe(8);
    machine.out(0xcfc, 0xffffffff, 4);
    expect(config(machine, 0x10)).toBe(0xff000008);
  });

  it('is one in a machine, in which there is no other memory for text', () => {
    expect(deviceProblem(16, [{ model: 'VGA' }])).toBeUndefined();
    expect(deviceProblem(16, [{ model: 'VGA' }, { model: 'pci-testdev' }])).toBeUndefined();
    expect(deviceProblem(16, [{ model: 'VGA' }, { model: 'VGA' }])).toBe('a machine has at most 1 VGA');
    expect(deviceProblem(16, [{ model: 'VGA' }, { model: 'text-memory' }])).toContain('already taken');
  });
});

it('shows text in the font that it is given, where no firmware has loaded one', () => {
  const machine = new VgaMachine({ firmware: false });
  const font = new Uint8Array(4096);
  font.fill(0x80, 0x41 * 16, 0x41 * 16 + 16);
  machine.machine.display?.clearText(font);
  expect(machine.read(0xb8f9e, 2)).toBe(0x0720);
  machine.write(0xb8000, 0x41);
  const { width, rgb } = machine.picture();
  const lit = (y: number) => Array.from({ length: width }, (_, x) => x).filter((x) => rgb[3 * (y * width + x)] !== 0);
  // The cursor is under the first character.
  expect([0, 8, 12].map(lit)).toEqual([[0], [0], [0]]);
  expect(lit(16)).toEqual([]);
});

describe('what costs no exit', () => {
  it('is mode 13h, as long as it needs nothing of the latches', () => {
    const machine = new VgaMachine();
    machine.run([...setMode('13'), fill(0xa0000, 64000, 1), read(0xaf9ff)]);
    expect(machine.exits).toBe(0);
    expect(Buffer.compare(machine.vram.subarray(0, 64000), sequence(1, 64000))).toBe(0);
    for (const [change, back] of [
      [graphics(8, 0x0f), graphics(8, 0xff)],
      [graphics(1, 1), graphics(1, 0)],
      [graphics(3, 8), graphics(3, 0)],
      [graphics(5, 0x41), graphics(5, 0x40)],
      [graphics(5, 0x48), graphics(5, 0x40)],
      [sequencer(2, 7), sequencer(2, 15)],
      [sequencer(4, 6), sequencer(4, 14)],
    ]) {
      const before = machine.exits;
      machine.run([change, write(0xa0000, 1)]);
      expect(machine.exits).toBe(before + 1);
      machine.run([back, write(0xa0000, 1)]);
      expect(machine.exits).toBe(before + 1);
    }
  });

  it('is the linear frame buffer in every mode, and the bank at A0000h of a linear one', () => {
    const machine = new VgaMachine({ firmware: false });
    machine.run([...setMode('12'), write(FRAME_BUFFER, 1), ...linear(1024, 768, 32)]);
    machine.run([...vbe(5, 40), write(0xa0010, 0x77), write(FRAME_BUFFER + 300, 9)]);
    expect(machine.exits).toBe(0);
    expect([machine.vram[40 * 0x10000 + 0x10], machine.vram[300]]).toEqual([0x77, 9]);
  });

  it('is 128 KiB at the end of the memory, which go on with its start', () => {
    const machine = new VgaMachine();
    machine.run([out(0x3c2, 0x67), ...linear(640, 480, 8), ...vbe(5, 255), graphics(6, 1)]);
    machine.run([write(0xa0000, 1), write(0xb0000, 2), read(0xb0000)]);
    expect([machine.exits, machine.vram[255 * 0x10000], machine.vram[0]]).toEqual([0, 1, 2]);
  });
});

// IBM VGA Technical Reference, graphics controller: with chain 4 the write modes hold too; QEMU ignores them there.
test('chain 4 with a bit mask, and with write mode 1', () => {
  const machine = new VgaMachine();
  machine.run([...setMode('13'), write(0xa0000, 0x44332211, 4), write(0xa0004, 0x88776655, 4)]);
  machine.run([graphics(8, 0x0f), read(0xa0000), write(0xa0005, 0xff)]);
  expect([...machine.vram.subarray(4, 8)]).toEqual([0x55, 0x2f, 0x77, 0x88]);
  machine.run([graphics(5, 0x41), read(0xa0000), write(0xa0008, 0), write(0xa000b, 0)]);
  expect([...machine.vram.subarray(8, 12)]).toEqual([0x11, 0, 0, 0x44]);
});

test('memory that the output register switches off is not on the bus', () => {
  const machine = new VgaMachine();
  const values = machine.run([...setMode('13'), write(0xa0000, 7), out(0x3c2, 0x61), write(0xa0000, 8), read(0xa0000)]);
  expect([values.at(-1), machine.vram[0]]).toEqual([0xff, 7]);
});

describe('the beam (input status 1)', () => {
  /** Of each ms/1000 of the frame, the status. */
  const statuses = (machine: VgaMachine, us: number): number[] =>
    Array.from({ length: us }, () => {
      machine.hostMs += 0.001;
      return machine.in(0x3da);
    });
  const periods = (status: number[], bit: number): number =>
    status.filter((value, i) => i > 0 && value & bit && !(status[i - 1]! & bit)).length;

  it.each([
    ['text 80x25', 70.08, 449, 400],
    ['13', 70.08, 449, 400],
    ['12', 59.94, 525, 480],
    ['10', 70.08, 449, 350],
  ] as const)('of mode %s', (mode, hertz, lines, shown) => {
    const machine = new VgaMachine();
    machine.run(setMode(mode));
    const status = statuses(machine, 100_000);
    expect(Math.abs(periods(status, 8) - hertz / 10)).toBeLessThanOrEqual(1);
    const retrace = status.filter((value) => value & 8).length / status.length;
    expect(retrace).toBeCloseTo(2 / lines, 3);
    const displayed = status.filter((value) => !(value & 1)).length / status.length;
    expect(displayed).toBeCloseTo((shown / lines) * 0.8, 1);
    expect(status.every((value) => value & 1 || !(value & 8))).toBe(true);
  });

  it('goes on in linear modes and with registers that make no frame', () => {
    for (const steps of [linear(1024, 768, 32), [out(0x3c2, 0x67)]]) {
      const machine = new VgaMachine();
      machine.run(steps);
      machine.out(0x3c2, 0x67);
      expect(periods(statuses(machine, 100_000), 8)).toBeGreaterThanOrEqual(5);
    }
  });
});

describe('the monitor', () => {
  it('has an EDID with a sum of 0, a name and 1024 × 768 as preferred mode', () => {
    const bytes = edid();
    expect(bytes.length).toBe(128);
    expect(bytes.reduce((sum, byte) => sum + byte, 0) % 256).toBe(0);
    expect(new TextDecoder().decode(bytes.subarray(95, 103))).toBe('tabvisor');
    expect([bytes[56]! | ((bytes[58]! >> 4) << 8), bytes[59]! | ((bytes[61]! >> 4) << 8)]).toEqual([1024, 768]);
    const machine = new VgaMachine({ firmware: false });
    expect(Array.from({ length: 128 }, (_, i) => machine.read(0xfebf0000 + i))).toEqual([...bytes]);
  });
});

describe('saved form', () => {
  const shown = {
    text: [...setMode('text 80x25'), ...loadFont(3), fill(0xb8000, 4000, 4), ...attribute(0x10, 0x0c)],
    planar: [...setMode('12'), fill(0xa0000, 38400, 5), graphics(8, 0x0f), read(0xa0010)],
    linear: [...setMode('13'), ...linear(800, 600, 16), ...vbe(6, 1000), ...vbe(9, 33), fill(0xa0000, 0x10000, 6)],
  };

  it.each(Object.entries(shown))('another machine shows the same and goes on: %s', (_mode, steps) => {
    const machine = new VgaMachine();
    machine.run(steps);
    // In the middle of an index and of a colour
    machine.run([out(0x3c8, 5), out(0x3c9, 1), out(0x3c9, 2), out(0x3c0, 3), out(0x1ce, 7, 2)]);
    const other = new VgaMachine();
    machine.machine.clock.pause();
    other.machine.restore(structuredClone(machine.machine.save()));
    other.vram.set(machine.vram);
    expect({ ...other.state, changes: 0 }).toEqual({ ...machine.state, changes: 0 });
    expect(Buffer.compare(other.picture().rgb, machine.picture().rgb)).toBe(0);
    const next = [out(0x3c9, 3), out(0x3c0, 0x2a), out(0x3c0, 0x20), write(0xa0000, 0xf5), read(0xa0020)];
    const more: Step[] = [...next, { do: 'in', port: 0x1cf, size: 2 }, ...vbe(5, 1), write(0xa0001, 1)];
    expect(other.run(more)).toEqual(machine.run(more));
    expect(Buffer.compare(other.picture().rgb, machine.picture().rgb)).toBe(0);
    expect(Buffer.compare(other.vram, machine.vram)).toBe(0);
  });

  it('is checked', () => {
    const machine = new VgaMachine();
    const saved = machine.machine.save();
    const { VGA } = saved.devices as { VGA: { vbe: { registers: Uint16Array } } };
    VGA.vbe.registers.fill(0xffff);
    const other = new VgaMachine();
    other.machine.restore(saved);
    expect(other.state.picture.width).toBeLessThanOrEqual(2560);
    expect(() =>
      other.machine.restore({ ...saved, devices: { ...saved.devices, VGA: { ...VGA, latches: 'x' } } }),
    ).toThrow('latches');
  });

  it('reset leaves the memory and switches the screen off', () => {
    const machine = new VgaMachine();
    machine.run([...setMode('13'), fill(0xa0000, 100, 1), ...linear(640, 480, 32, 0xc1)]);
    machine.machine.reset();
    expect(machine.state.picture.kind).toBe('blank');
    expect(machine.vram.subarray(0, 100)).toEqual(sequence(1, 100));
    machine.run([write(0xa0000, 1)]);
    expect(machine.exits).toBe(1);
  });
});

test('`changes` rises with what the picture depends on, and with nothing else', () => {
  const machine = new VgaMachine();
  machine.run(setMode('12'));
  const { display } = machine.machine;
  const rises = (...steps: Step[]) => {
    const before = display!.changes;
    machine.run(steps);
    return display!.changes > before;
  };
  expect(rises(write(0xa0000, 1), read(0xa0000), out(0x3c8, 4), out(0x3c9, 1), { do: 'look' })).toBe(false);
  expect(rises(out(0x3c9, 1), out(0x3c9, 1))).toBe(true);
  expect(rises(out(0x3d4, 0x0c), out(0x3d5, 1))).toBe(true);
  expect(rises(...vbe(9, 1))).toBe(false);
  expect(rises(...linear(640, 480, 8))).toBe(true);
});

test('a kernel without firmware finds a text mode, and its characters are known without a font', () => {
  const machine = new VgaMachine({ firmware: false });
  machine.run([write(0xb8000, 0x1f41, 2), write(0xb8000 + 160, 0x0742, 2)]);
  const { picture } = machine.state;
  expect([picture.kind, picture.width, picture.height]).toEqual(['text', 720, 400]);
  expect([machine.vram[0], machine.vram[1], machine.vram[320]]).toEqual([0x41, 0x1f, 0x42]);
});

// Whatever a guest writes: no exception, no endless loop, and a picture of a size that can be shown.
test.each([1, 2, 3, 4, 5, 6])('random registers, seed %i', (seed) => {
  const machine = new VgaMachine({ firmware: false });
  const target = displayTarget();
  const bytes = sequence(seed, 40_000);
  let at = 0;
  const next = (size = 1) => {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + bytes[at++ % bytes.length]!;
    return value;
  };
  for (let n = 0; n < 3000; n++) {
    const kind = next() % 8;
    const size = ([1, 2, 4] as const)[next() % 3]!;
    if (kind < 3) machine.out(0x3b0 + (next() % 0x30), next(size), size);
    else if (kind === 3) machine.run(vbe(next() % 12, next() % 4 === 0 ? next(2) : next() % 66));
    else if (kind === 4) machine.out(0x3c0, next() % 2 === 0 ? 0x20 : next());
    else if (kind === 5) machine.write(0xa0000 + (next(3) % 0x1fffc), next(size), size);
    else if (kind === 6) machine.read(0xa0000 + (next(3) % 0x1fffc), size);
    else if (size !== 4) machine.in(0x3b0 + (next() % 0x30), size);
    else machine.write(0xfebf0000 + (next(2) % 0xffc), next(size), size);
    if (n % 100 !== 0) continue;
    const { width, height } = machine.state.picture;
    renderDisplay(machine.state, machine.vram, n % 300 === 0 ? 'all' : machine.changed(), NO_BLINK, target);
    expect(width * height).toBeGreaterThan(0);
    expect(width * height).toBeLessThanOrEqual(2560 * 2048);
  }
});
