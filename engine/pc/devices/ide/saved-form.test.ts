import { describe, expect, test } from 'vitest';
import { StateError } from '../../bus/device.ts';
import { CD, DISK, IdeBench, pattern } from './testing/ide-bench.ts';
import { IdeDriver } from './testing/ide-driver.ts';
import { carryOut, type Target } from './testing/scenario.ts';
import { CD_IMAGE, DISK_IMAGE, SCENARIOS } from './testing/scenarios.ts';

/** A target whose drives and controller are new ones after every `every`th access, in the middle of commands. */
class MovingTarget implements Target {
  #bench = new IdeBench({ disk: DISK_IMAGE.slice(), cd: CD_IMAGE.slice() });
  #accesses = 0;
  readonly #every: number;

  constructor(every: number) {
    this.#every = every;
  }

  read(port: number, size: number): number {
    const value = this.#bench.in(port, size);
    this.#next();
    return value;
  }

  write(port: number, size: number, value: number): void {
    if (port >= 0xcf8 && port < 0xd00) return;
    this.#bench.out(port, value, size);
    this.#next();
  }

  load = (address: number, length: number) => this.#bench.ram.bytes.slice(address, address + length);
  store = (address: number, bytes: Uint8Array) => this.#bench.ram.bytes.set(bytes, address);
  line = (irq: number) => this.#bench.lines[irq === 14 ? 14 : 15].level;

  #next(): void {
    if (++this.#accesses % this.#every === 0) this.#move();
    this.#bench.settle();
  }

  /** Requests on their way are not taken along, media and memory are. */
  #move(): void {
    const before = this.#bench;
    const after = new IdeBench({ disk: before.diskMedium.bytes, cd: before.cdMedium.bytes }, before.ram);
    after.diskMedium.mediumCount = before.diskMedium.mediumCount;
    after.cdMedium.mediumCount = before.cdMedium.mediumCount;
    after.cdMedium.medium = before.cdMedium.medium;
    after.restore(structuredClone(before.save()));
    this.#bench = after;
  }
}

describe('moved at any time, a machine’s drives go on as if they had not been', () => {
  test.each(SCENARIOS)('$name', async (scenario) => {
    const expected = await carryOut(scenario, new MovingTarget(Number.POSITIVE_INFINITY));
    for (const every of scenario.steps.some(([kind]) => kind === 'words') ? [23] : [1])
      expect(await carryOut(scenario, new MovingTarget(every))).toEqual(expected);
  });
});

function moved(from: IdeDriver, cd: Uint8Array): IdeDriver {
  const to = new IdeDriver({ disk: from.diskMedium.bytes, cd });
  to.cdMedium.mediumCount = from.cdMedium.mediumCount;
  to.restore(structuredClone(from.save()));
  return to;
}

describe('in flight', () => {
  const disk = pattern(1 << 20, 1);
  const cd = pattern(1 << 20, 2);

  test('a write whose answer had not come is written by the other end', () => {
    const from = new IdeDriver({ disk: disk.slice(), cd });
    from.command(0x30, { count: 1, lba: 8 });
    from.give(pattern(512, 200));
    const to = moved(from, cd);
    expect(to.diskMedium.log).toHaveLength(1);
    to.settle();
    expect(to.diskMedium.bytes.slice(8 * 512, 9 * 512)).toEqual(pattern(512, 200));
    expect([to.status(), to.lines[14].level]).toEqual([0x50, true]);
  });

  test('another disc at the other end: the read fails, and the change is reported', () => {
    const from = new IdeDriver({ disk, cd });
    from.reply([3, 0, 0, 0, 18]);
    from.out(CD + 7, 0xa0);
    from.give(Uint8Array.of(0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0), CD);
    const to = new IdeDriver({ disk, cd: pattern(1 << 20, 3) });
    to.cdMedium.mediumCount = from.cdMedium.mediumCount + 1;
    to.restore(structuredClone(from.save()));
    expect([to.status(CD) & 0x81, to.cdMedium.log]).toEqual([1, []]);
    expect(to.outcome([0])).toEqual([6, 0x28, 0]);
  });

  test('an interrupt that waits for its status to be read does so at the other end, and is not a new one for the bus master', () => {
    const from = new IdeDriver({ disk, cd });
    from.command(0xe1);
    from.out(0xc002, 4);
    const to = moved(from, cd);
    expect([to.lines[14].level, to.masterStatus()]).toEqual([true, 0]);
    to.in(DISK + 7);
    expect(to.lines[14].level).toBe(false);
  });
});

describe('damaged forms are refused', () => {
  const saved = () => {
    const ide = new IdeDriver({ disk: pattern(1 << 20, 1), cd: pattern(1 << 20, 1) });
    ide.command(0x20, { count: 3 });
    ide.settle();
    return { ide, disk: ide.disk.save(), cd: ide.cd.save(), controller: ide.controller.save() };
  };

  test.each([
    ['version', { version: 2 }],
    ['phase', { phase: 'resting' }],
    ['data', { data: [] }],
    ['data', { data: [new Uint8Array(1 << 20)] }],
    ['position', { position: 5000 }],
    ['position', { position: -1 }],
    ['block', { blockEnd: 1 << 20 }],
    ['heads', { heads: 0 }],
    ['multiple', { multiple: 99 }],
    ['access', { access: { kind: 'burn', dma: false, extended: false, lba: 0, remaining: 0, batch: 0, block: 512 } }],
    ['access', { access: { kind: 'read', dma: false, extended: false, lba: -1, remaining: 3, batch: 3, block: 512 } }],
    ['access', { access: { kind: 'read', dma: false, extended: false, lba: 0, remaining: 1, batch: 3, block: 512 } }],
  ])('a disk’s: %s', (_, change) => {
    const { ide, disk } = saved();
    expect(() => ide.disk.restore({ ...disk, ...change } as never)).toThrow(StateError);
  });

  test.each([
    ['step', { step: 'dance' }],
    ['limit', { limit: 1 << 20 }],
    ['parts', { parts: 0x90 }],
    ['packet', { packet: new Uint8Array(11) }],
    ['remaining', { remaining: 0.5 }],
  ])('a CD drive’s: %s', (_, change) => {
    const { ide, cd } = saved();
    expect(() => ide.cd.restore({ ...cd, ...change } as never)).toThrow(StateError);
  });

  test('the controller’s', () => {
    const { ide, controller } = saved();
    expect(() => ide.controller.restore({ ...controller, channels: controller.channels.slice(1) })).toThrow(StateError);
  });
});
