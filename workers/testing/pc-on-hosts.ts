// A PC with firmware on two hosts of one tab, between which it moves with its drives, and someone who looks at its screen, reads its serial
// port, and types. vCPUs run in threads of their own.

import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { eventually } from '../../engine/base/testing/eventually.ts';
import type { VmSpec } from '../../engine/host/api.ts';
import type { HostService } from '../../engine/host/host-service.ts';
import { textLines } from '../../engine/pc/display/text-screen.ts';
import { BlockStore, type OpenSource } from '../../engine/vmkernel/block/block-store.ts';
import { createYieldTask } from '../../engine/vmkernel/shared/yield-task.ts';
import { openFile } from '../block/file-backend.ts';
import { loadEngine } from '../launch-vcpu.ts';
import { nodePlatform } from '../platform-node.ts';
import { ScreenFollower, stillPicture } from '../screen-follower.ts';
import { TestChannels } from './test-channels.ts';
import { startTestHost } from './test-host.ts';

const GUESTS = new URL('../../public/guests/', import.meta.url);
/** There once the guests have been made. */
export const FIRMWARE = new URL('firmware/', GUESTS);
const CHUNK = 65_536;

const rom = (name: string, sizeKiB: number) => ({ image: { kind: 'url', url: `firmware/${name}` } as const, sizeKiB });
/** SeaBIOS and the ROM of the screen. */
export const SEABIOS = { ...rom('bios-256k.bin', 256), roms: [{ model: 'VGA', ...rom('vgabios-stdvga.bin', 64) }] };

/** What is written stays in memory. */
const openSource: OpenSource = async (source) => {
  if (source.kind !== 'path') throw new Error('only files and bytes are opened here');
  return openFile(source.path, true);
};

export class PcOnHosts {
  readonly hosts: HostService[] = [];
  readonly #spec: VmSpec;
  #at = 0;
  #fresh = true;
  /** What it has printed since `says` last found what it waited for, and how far that was read. */
  #text = '';
  #read = 0;
  readonly screen = new ScreenFollower(
    async () => {
      const fresh = this.#fresh;
      this.#fresh = false;
      return this.host.readScreen('vm-1', { fresh });
    },
    () => {},
    { frame: () => new Promise((resolve) => setTimeout(resolve)), delay: async () => {} },
  );

  private constructor(spec: VmSpec) {
    this.#spec = spec;
  }

  /** Starts `spec`, which is "vm-1", on the first host. */
  static async start(spec: VmSpec, hostMiB: number): Promise<PcOnHosts> {
    const pc = new PcOnHosts(spec);
    await pc.#start(hostMiB);
    return pc;
  }

  get host(): HostService {
    return this.hosts[this.#at]!;
  }

  async #start(hostMiB: number): Promise<void> {
    const channels = new TestChannels();
    const store = new BlockStore({ openSource, yieldTask: createYieldTask() });
    for (const id of ['a', 'b']) {
      const { service } = await startTestHost(channels, id, hostMiB, {
        loadEngine: () => loadEngine(nodePlatform),
        connectDrives: (onProblem) => store.connect(onProblem),
        fetchImage: async (source) =>
          source.kind === 'bytes' ? source.bytes : new Uint8Array(await readFile(new URL(source.url, GUESTS))),
      });
      this.hosts.push(service);
    }
    await this.host.createVm(this.#spec);
    await this.host.powerOn('vm-1');
  }

  async end(): Promise<void> {
    this.screen.stop();
    await Promise.allSettled(this.hosts.map((host) => host.shutdown(true)));
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
  draws(): Promise<Set<number>> {
    return eventually(() => {
      this.screen.pull();
      expect(this.screen.state?.picture.kind).toBe('bytes');
      const picture = stillPicture(this.screen)!;
      const lit = [...picture.pixels.keys()].filter((at) => (picture.pixels[at]! & 0xffffff) !== 0);
      expect(lit).not.toHaveLength(0);
      return new Set(lit);
    });
  }

  /** What its serial port has said up to what is wanted, once it has; what comes behind is for the next call. */
  says(wanted: RegExp): Promise<string> {
    return eventually(async () => {
      const { position, bytes } = await this.host.readSerial('vm-1', this.#read, CHUNK);
      this.#read = position + bytes.length;
      this.#text += new TextDecoder().decode(bytes);
      const found = wanted.exec(this.#text);
      if (!found) throw new Error(`no ${wanted} in: ${this.#text.slice(-2000)}`);
      const end = found.index + found[0].length;
      const said = this.#text.slice(0, end);
      this.#text = this.#text.slice(end);
      return said;
    });
  }

  async types(text: string): Promise<void> {
    await eventually(async () => expect(await this.host.typeText('vm-1', text, 'us')).toBe(true));
  }

  /** `code`: KeyboardEvent.code. */
  async presses(code: string): Promise<void> {
    for (const pressed of [true, false]) await this.host.sendInput('vm-1', [{ kind: 'key', code, pressed }]);
  }

  async sends(text: string): Promise<void> {
    await this.host.serialInput('vm-1', new TextEncoder().encode(text));
  }

  async move(): Promise<void> {
    await this.host.migrate('vm-1', this.#at === 0 ? 'b' : 'a', { downtimeLimitMs: 4900 });
    this.#at = 1 - this.#at;
    this.#fresh = true;
  }
}
