// A PC with firmware on two hosts of this process, as those of one tab: their vCPUs in threads of their own, one store of media. It moves
// between them, and its screen and serial port are read and typed on wherever it is.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { eventually } from '../../engine/base/testing/eventually.ts';
import type { VmSpec, VmStatus } from '../../engine/host/api.ts';
import type { HostService } from '../../engine/host/host-service.ts';
import type { Picture } from '../../engine/pc/bus/display.ts';
import { textLines } from '../../engine/pc/display/text-screen.ts';
import { BlockStore, type OpenSource } from '../../engine/vmkernel/block/block-store.ts';
import { createYieldTask } from '../../engine/vmkernel/shared/yield-task.ts';
import { APIC_DEVICES, STANDARD_DEVICES } from '../../engine/vmkernel/spec/machine-spec.ts';
import { openFile } from '../block/file-backend.ts';
import { loadEngine } from '../launch-vcpu.ts';
import { nodePlatform } from '../platform-node.ts';
import { ScreenFollower, stillPicture } from '../screen-follower.ts';
import { TestChannels } from './test-channels.ts';
import { startTestHost } from './test-host.ts';

const GUESTS = new URL('../../public/guests/', import.meta.url);
const VM = 'vm-1';
const CHUNK = 65_536;
/** ms: a real guest on a busy machine may stand still for long. */
const DOWNTIME_LIMIT = 4900;

/** Between two looks, ms: a guest that boots for minutes is not kept from it by those who wait. */
const LOOK = 50;
/** Before something is done once more. */
const LOOKS = 60;
const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK));

/** A file that `npm run guests` makes; undefined if it has not been made. */
export function guestFile(name: string): string | undefined {
  const path = fileURLToPath(new URL(name, GUESTS));
  return existsSync(path) ? path : undefined;
}

export const hasFirmware = guestFile('firmware') !== undefined;

const rom = (name: string, sizeKiB: number) => ({ image: { kind: 'url', url: `firmware/${name}` } as const, sizeKiB });

/** With SeaBIOS, APICs and a screen, as the console makes it. */
export function pcSpec(spec: Pick<VmSpec, 'guestOs' | 'memoryMiB' | 'drives'> & Partial<VmSpec>): VmSpec {
  return {
    ...{ id: VM, name: 'pc', commandLine: '' },
    firmware: { ...rom('bios-256k.bin', 256), roms: [{ model: 'VGA', ...rom('vgabios-stdvga.bin', 64) }] },
    devices: [...STANDARD_DEVICES, ...APIC_DEVICES, { model: 'VGA' }],
    ...spec,
  };
}

/** What is written stays in memory. */
const openSource: OpenSource = async (source) => {
  if (source.kind !== 'path') throw new Error('only files are opened here');
  return openFile(source.path, true);
};

export class PcOnHosts {
  readonly hosts: readonly HostService[];
  #at = 0;
  #fresh = true;
  /** What it has printed since what was waited for last, and how far the port was read. */
  #printed = '';
  #read = 0;
  readonly screen = new ScreenFollower(
    async () => {
      const fresh = this.#fresh;
      this.#fresh = false;
      return this.host.readScreen(VM, { fresh });
    },
    () => {},
    { frame: () => new Promise((resolve) => setTimeout(resolve)), delay: async () => {} },
  );

  private constructor(hosts: readonly HostService[]) {
    this.hosts = hosts;
  }

  /** Creates it on the first of two hosts of that memory, and powers it on. */
  static async start(spec: VmSpec, hostMiB: number): Promise<PcOnHosts> {
    const channels = new TestChannels();
    const store = new BlockStore({ openSource, yieldTask: createYieldTask() });
    const hosts: HostService[] = [];
    for (const id of ['a', 'b']) {
      const { service } = await startTestHost(channels, id, hostMiB, {
        loadEngine: () => loadEngine(nodePlatform),
        connectDrives: (onProblem) => store.connect(onProblem),
        fetchImage: async (source) =>
          source.kind === 'bytes' ? source.bytes : new Uint8Array(await readFile(new URL(source.url, GUESTS))),
      });
      hosts.push(service);
    }
    const pc = new PcOnHosts(hosts);
    await pc.host.createVm(spec);
    await pc.host.powerOn(VM);
    return pc;
  }

  async end(): Promise<void> {
    this.screen.stop();
    await Promise.allSettled(this.hosts.map((host) => host.shutdown(true)));
  }

  get host(): HostService {
    return this.hosts[this.#at]!;
  }

  async status(): Promise<VmStatus> {
    return (await this.host.status()).vms[0]!;
  }

  async move(): Promise<void> {
    await this.host.migrate(VM, this.#at === 0 ? 'b' : 'a', { downtimeLimitMs: DOWNTIME_LIMIT });
    this.#at = 1 - this.#at;
    this.#fresh = true;
  }

  async isOff(): Promise<void> {
    await eventually(async () => expect((await this.status()).power).toBe('off'));
  }

  // ---- Screen and keyboard

  /** The lines of the text mode as they are; of a graphics mode what it is. */
  look(): string {
    this.screen.pull();
    const text = this.screen.text();
    return text ? textLines(text).join('\n') : `a picture, ${this.screen.state?.picture.kind}`;
  }

  /** The lines of a text mode, once they are as wanted. */
  shows(wanted: RegExp): Promise<string> {
    return eventually(async () => {
      const shown = this.look();
      if (!wanted.test(shown)) await pause();
      expect(shown).toMatch(wanted);
      return shown;
    });
  }

  /** Pixels of such a graphics mode that are not black, once there are some. */
  draws(kind: Picture['kind'] = 'bytes'): Promise<Set<number>> {
    return eventually(() => {
      this.screen.pull();
      expect(this.screen.state?.picture.kind).toBe(kind);
      const picture = stillPicture(this.screen)!;
      const lit = [...picture.pixels.keys()].filter((at) => (picture.pixels[at]! & 0xffffff) !== 0);
      expect(lit).not.toHaveLength(0);
      return new Set(lit);
    });
  }

  /** Presses the key until the screen is as wanted: what is to read it may not be there yet. */
  pressesUntil(code: string, wanted: RegExp): Promise<void> {
    return eventually(async () => {
      await this.presses(code);
      for (let looks = 0; looks < LOOKS && !wanted.test(this.look()); looks++) await pause();
      expect(this.look()).toMatch(wanted);
    });
  }

  /** `code`: KeyboardEvent.code. */
  async presses(code: string): Promise<void> {
    for (const pressed of [true, false]) await this.host.sendInput(VM, [{ kind: 'key', code, pressed }]);
  }

  async types(text: string): Promise<void> {
    await eventually(async () => expect(await this.host.typeText(VM, text, 'us')).toBe(true));
  }

  // ---- Serial port

  /** Waits until it prints that, behind what was waited for last. @returns what was found */
  says(wanted: RegExp): Promise<string> {
    return eventually(async () => {
      const chunk = await this.host.readSerial(VM, this.#read, CHUNK);
      this.#read = chunk.position + chunk.bytes.length;
      this.#printed += new TextDecoder().decode(chunk.bytes);
      const found = wanted.exec(this.#printed);
      if (!found) {
        await pause();
        throw new Error(`has not said ${wanted}, but: ${this.#printed.slice(-500)}`);
      }
      this.#printed = this.#printed.slice(found.index + found[0].length);
      return found[0];
    });
  }

  async sends(text: string): Promise<void> {
    await this.host.serialInput(VM, new TextEncoder().encode(text));
  }

  enters(line: string): Promise<void> {
    return this.sends(`${line}\n`);
  }

  /** What a command of a Unix shell prints: it ends with a mark that is not in what is typed. */
  async ask(command: string): Promise<string> {
    await this.enters(`${command}; echo "mark"ed`);
    return this.says(/[\s\S]*?marked\r?\n/);
  }
}
