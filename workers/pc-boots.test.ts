// A PC starts as people's do: SeaBIOS finds our floppy disk and boots it; keys are typed, its screen is read in text and in graphics, and it
// moves to another host with its disk while it draws.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import type { VmSpec } from '../engine/host/api.ts';
import type { HostService } from '../engine/host/host-service.ts';
import { textLines } from '../engine/pc/display/text-screen.ts';
import { BlockStore } from '../engine/vmkernel/block/block-store.ts';
import { createYieldTask } from '../engine/vmkernel/shared/yield-task.ts';
import { APIC_DEVICES, STANDARD_DEVICES } from '../engine/vmkernel/spec/machine-spec.ts';
import { floppyImage } from '../guests/lapwing/files.ts';
import { ensureEngine } from '../scripts/build-engine.ts';
import { loadEngine } from './launch-vcpu.ts';
import { nodePlatform } from './platform-node.ts';
import { ScreenFollower, stillPicture } from './screen-follower.ts';
import { TestChannels } from './testing/test-channels.ts';
import { startTestHost } from './testing/test-host.ts';

const FIRMWARE = new URL('../public/guests/firmware/', import.meta.url);
const rom = (name: string, sizeKiB: number) => ({ image: { kind: 'url', url: name } as const, sizeKiB });
const PC: VmSpec = {
  ...{ id: 'vm-1', name: 'pc', guestOs: 'Lapwing', memoryMiB: 16, commandLine: '' },
  firmware: { ...rom('bios-256k.bin', 256), roms: [{ model: 'VGA', ...rom('vgabios-stdvga.bin', 64) }] },
  devices: [...STANDARD_DEVICES, ...APIC_DEVICES, { model: 'VGA' }],
  drives: [
    {
      model: 'floppy',
      properties: { unit: 0 },
      medium: { name: 'lapwing.img', source: { kind: 'bytes', bytes: new Uint8Array(floppyImage()) } },
    },
  ],
};

/** Two hosts of one tab, on the first of which the PC is, and who looks at its screen. */
class Lab {
  readonly hosts: HostService[] = [];
  #at = 0;
  #fresh = true;
  readonly screen = new ScreenFollower(
    async () => {
      const fresh = this.#fresh;
      this.#fresh = false;
      return this.host.readScreen('vm-1', { fresh });
    },
    () => {},
    { frame: () => new Promise((resolve) => setTimeout(resolve)), delay: async () => {} },
  );

  get host(): HostService {
    return this.hosts[this.#at]!;
  }

  async start(): Promise<void> {
    const channels = new TestChannels();
    const store = new BlockStore({
      openSource: async () => {
        throw new Error('only bytes are opened here');
      },
      yieldTask: createYieldTask(),
    });
    for (const id of ['a', 'b']) {
      const { service } = await startTestHost(channels, id, 64, {
        loadEngine: () => loadEngine(nodePlatform),
        connectDrives: (onProblem) => store.connect(onProblem),
        fetchImage: async (source) =>
          source.kind === 'bytes' ? source.bytes : new Uint8Array(await readFile(new URL(source.url, FIRMWARE))),
      });
      this.hosts.push(service);
    }
    await this.host.createVm(PC);
    await this.host.powerOn('vm-1');
  }

  /** The lines of a text mode, once they are as wanted. */
  shows(wanted: RegExp): Promise<string> {
    return eventually(() => {
      this.screen.pull();
      const text = this.screen.text();
      const shown = text ? textLines(text).join('\n') : `a picture, ${this.screen.state?.picture.kind}`;
      expect(shown).toMatch(wanted);
      return shown;
    });
  }

  /** Pixels of a graphics mode that are not black, once there are some. */
  async draws(): Promise<Set<number>> {
    return eventually(() => {
      this.screen.pull();
      expect(this.screen.state?.picture.kind).toBe('bytes');
      const picture = stillPicture(this.screen)!;
      const lit = [...picture.pixels.keys()].filter((at) => (picture.pixels[at]! & 0xffffff) !== 0);
      expect(lit).not.toHaveLength(0);
      return new Set(lit);
    });
  }

  async types(text: string): Promise<void> {
    await eventually(async () => expect(await this.host.typeText('vm-1', text, 'us')).toBe(true));
  }

  async move(): Promise<void> {
    await this.host.migrate('vm-1', this.#at === 0 ? 'b' : 'a', { downtimeLimitMs: 4900 });
    this.#at = 1 - this.#at;
    this.#fresh = true;
  }
}

describe.skipIf(!existsSync(FIRMWARE))('a PC with firmware and a floppy disk', () => {
  let lab: Lab;
  beforeAll(async () => {
    await ensureEngine();
  });
  afterEach(async () => {
    lab.screen.stop();
    await Promise.allSettled(lab.hosts.map((host) => host.shutdown(true)));
  });

  it('boots, is typed on, draws, moves while it does, reads its disk there, and powers off', async () => {
    lab = new Lab();
    await lab.start();
    expect(await lab.shows(/lapwing>$/m)).toMatch('booted from drive 00');
    await lab.types('life 1103\n');
    const before = await lab.draws();
    await lab.move();
    await eventually(async () => expect(await lab.draws()).not.toEqual(before));
    // The R-pentomino's end, as on the unbounded plane (guests/README.md).
    await lab.shows(/116 cells live after 1103 generations/);
    await lab.types('type readme.txt\n');
    await lab.shows(/lapwing> type readme.txt[\s\S]*lapwing>$/m);
    await lab.types('poweroff\n');
    await eventually(async () => expect((await lab.host.status()).vms[0]!.power).toBe('off'));
  }, 300_000);
});
