// Linux on two hosts of this process, with vCPUs in threads of their own, between which it moves; commands are typed at its prompt and
// their answers read over its serial port. For soaks.

import { readFile } from 'node:fs/promises';
import { gzipSync } from 'fflate';
import type { VmSpec } from '../../engine/host/api.ts';
import type { HostOptions, HostService } from '../../engine/host/host-service.ts';
import { type CpioEntry, writeCpio } from '../../guests/packages/cpio.ts';
import { loadEngine } from '../launch-vcpu.ts';
import { nodePlatform } from '../platform-node.ts';
import { TestChannels } from './test-channels.ts';
import { startTestHost } from './test-host.ts';

const GUESTS = new URL('../../public/guests/', import.meta.url);
const HOST_MIB = 256;
const CHUNK = 65_536;
const LOOK_MS = 1;

type Guest = Pick<VmSpec, 'memoryMiB' | 'commandLine'> & { kernel: string; initrd: string };

const manifest = await readFile(new URL('manifest.json', GUESTS), 'utf8').catch(() => '{"guests":[]}');
/** Undefined if it has not been built. */
export const [linux] = (JSON.parse(manifest) as { guests: Guest[] }).guests;

export interface LinuxOptions {
  devices?: VmSpec['devices'];
  nics?: VmSpec['nics'];
  host?: Partial<HostOptions>;
  /** Into its file system. */
  files?: readonly CpioEntry[];
  /** ms that it may take to boot, and to answer. */
  bootLimitMs: number;
  answerLimitMs: number;
}

export class LinuxOnHosts {
  readonly hosts: readonly HostService[];
  readonly #answerLimitMs: number;
  #place = 0;
  /** What it has printed since the last command, and how far that was read. */
  #text = '';
  #read = 0;
  #asked = 0;

  private constructor(hosts: readonly HostService[], answerLimitMs: number) {
    this.hosts = hosts;
    this.#answerLimitMs = answerLimitMs;
  }

  /** Boots it on the first host, to its prompt. */
  static async start({
    nics,
    devices,
    host,
    files = [],
    bootLimitMs,
    answerLimitMs,
  }: LinuxOptions): Promise<LinuxOnHosts> {
    if (!linux) throw new Error('The Linux guest has not been built.');
    const channels = new TestChannels();
    const hosts: HostService[] = [];
    // The kernel unpacks one initramfs after the other.
    const addition = files.length > 0 ? gzipSync(writeCpio(files)) : new Uint8Array();
    const { initrd } = linux;
    for (const id of ['a', 'b']) {
      const { service } = await startTestHost(channels, id, HOST_MIB, {
        loadEngine: () => loadEngine(nodePlatform),
        fetchImage: async (source) => {
          if (source.kind !== 'url') return source.bytes;
          const image = await readFile(new URL(source.url, GUESTS));
          return new Uint8Array(source.url === initrd ? Buffer.concat([image, addition]) : image);
        },
        ...host,
      });
      hosts.push(service);
    }
    const guest = new LinuxOnHosts(hosts, answerLimitMs);
    try {
      await guest.#boot({ ...linux, nics, devices }, bootLimitMs);
      return guest;
    } catch (error) {
      await guest.end();
      throw error;
    }
  }

  async #boot(
    { kernel, initrd, memoryMiB, commandLine, nics, devices }: Guest & Pick<LinuxOptions, 'nics' | 'devices'>,
    limitMs: number,
  ) {
    await this.#host.createVm({
      ...{ id: 'vm-1', name: 'web', guestOs: 'Linux', memoryMiB, commandLine },
      kernel: { kind: 'url', url: kernel },
      initrd: { kind: 'url', url: initrd },
      ...(nics && { nics }),
      ...(devices && { devices }),
    });
    await this.#host.powerOn('vm-1');
    await this.#says(/~# /, limitMs);
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.hosts.map((host) => host.shutdown(true)));
  }

  /** Runs a command; resolves with what it printed. */
  async ask(command: string): Promise<string> {
    const answer = await this.#type(command);
    return (await this.#says(answer, this.#answerLimitMs))[1]!.trim();
  }

  /** Runs a command and moves again and again until it has ended. */
  async askOnTheMove(command: string): Promise<{ answer: string; moves: number }> {
    const answer = await this.#type(command);
    const limit = performance.now() + this.#answerLimitMs;
    for (let moves = 1; ; moves++) {
      await this.move();
      await this.#take();
      const found = answer.exec(this.#text);
      if (found) return { answer: found[1]!.trim(), moves };
      if (performance.now() > limit) throw this.#silent(answer);
    }
  }

  /** What the answer will look like. */
  async #type(command: string): Promise<RegExp> {
    await this.#take();
    this.#text = '';
    const mark = ++this.#asked;
    await this.#host.serialInput('vm-1', new TextEncoder().encode(`${command}; echo "=${mark}"\n`));
    // Behind the last echo of what was typed: before the shell takes the terminal over, that comes twice.
    return new RegExp(`.*"=${mark}"\\s*\\r\\n([^"]*?)=${mark}\\r\\n`, 's');
  }

  /** To the other host. Resolves with the ms that it stood still. */
  async move(): Promise<number> {
    const target = this.#place === 0 ? 'b' : 'a';
    const statistics = await this.#host.migrate('vm-1', target, { downtimeLimitMs: 4900 });
    this.#place = 1 - this.#place;
    return statistics.downtimeMs ?? 0;
  }

  get #host(): HostService {
    return this.hosts[this.#place]!;
  }

  async #take(): Promise<void> {
    const chunk = await this.#host.readSerial('vm-1', this.#read, CHUNK);
    this.#read = chunk.position + chunk.bytes.length;
    this.#text += new TextDecoder().decode(chunk.bytes);
  }

  async #says(what: RegExp, limitMs: number): Promise<RegExpExecArray> {
    const limit = performance.now() + limitMs;
    for (;;) {
      await this.#take();
      const found = what.exec(this.#text);
      if (found) return found;
      if (performance.now() > limit) throw this.#silent(what);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  #silent(what: RegExp): Error {
    return new Error(`The guest did not say ${what}, but: ${this.#text.slice(-500)}`);
  }
}
