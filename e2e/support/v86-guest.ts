// A VM of v86 in a browser tab of its own, beside the console: the console's Debian guest on the network of
// v86's `inbrowser` backend. BroadcastChannel joins tabs of one origin only, so v86 has to come from where the console comes
// from: its files appear under the site's address, without being on the server.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, expect, type Page } from '@playwright/test';
import { biosFiles } from '../../guests/packages/seabios.ts';
import { START_CARD, v86Options } from './v86-options.ts';

/** v86 needs a fourth of a minute to boot on a quiet machine. */
const BOOT_LIMIT_MS = 240_000;
/** Its kernel prints after a few seconds. It has been seen to compute for minutes without a character: then it starts again. */
const FIRST_OUTPUT_LIMIT_MS = 60_000;
const STARTS = 3;
const COMMAND_LIMIT_MS = 120_000;
const MEMORY_MIB = 128;

const PAGE = `<!doctype html>
<title>v86</title>
<script type="module">
  import { V86 } from './libv86.mjs';
  window.startV86 = (options) => {
    const machine = new V86(options);
    window.v86 = { printed: '', type: (text) => machine.serial0_send(text) };
    machine.add_listener('serial0-output-byte', (byte) => (window.v86.printed += String.fromCharCode(byte)));
  };
</script>`;

declare global {
  interface Window {
    /** Takes V86Options. */
    startV86(options: object): void;
    v86: { printed: string; type(text: string): void };
  }
}

export class V86Guest {
  readonly #page: Page;
  readonly #name: string;
  readonly #prompt: string;

  private constructor(page: Page, name: string) {
    this.#page = page;
    this.#name = name;
    this.#prompt = `root@${name}:~# `;
  }

  /** Opens the tab and starts the VM. `name`: its host name. */
  static async start(context: BrowserContext, name: string): Promise<V86Guest> {
    await serveV86(context);
    const guest = new V86Guest(await context.newPage(), name);
    await guest.#start();
    return guest;
  }

  async #start(): Promise<void> {
    await this.#page.goto('./v86/index.html');
    const image = (url: string) => ({ url });
    const options = v86Options({
      wasm: 'v86.wasm',
      firmware: { bios: image('bios.bin'), vgaBios: image('vgabios.bin') },
      linux: {
        kernel: image('../guests/linux/vmlinuz'),
        initrd: image('../guests/linux/initrd.gz'),
        commandLine: `console=ttyS0 hostname=${this.#name}`,
      },
      memoryMiB: MEMORY_MIB,
      network: true,
    });
    await this.#page.evaluate((options: object) => window.startV86(options), options);
  }

  /** Waits for the prompt, keeps the kernel's messages out of what follows, and starts the network card. */
  async booted(): Promise<void> {
    for (let again = STARTS - 1; again > 0 && !(await this.#prints()); again--) await this.#start();
    await expect.poll(() => this.#printed(), { timeout: BOOT_LIMIT_MS, intervals: [1000] }).toContain(this.#prompt);
    await this.run('dmesg -n 1');
    await this.run(START_CARD);
  }

  /** Runs one command at the prompt. @returns what it printed */
  async run(command: string): Promise<string> {
    const before = (await this.#printed()).length;
    await this.#page.evaluate((text) => window.v86.type(text), `${command}\n`);
    let output = '';
    const finished = async () => {
      output = (await this.#printed()).slice(before);
      return output;
    };
    await expect
      .poll(finished, { message: command, timeout: COMMAND_LIMIT_MS, intervals: [200] })
      .toContain(`\n${this.#prompt}`);
    return output.slice(output.indexOf('\n') + 1, output.lastIndexOf(`\n${this.#prompt}`)).trim();
  }

  async close(): Promise<void> {
    await this.#page.close();
  }

  /** Whether it prints anything in time. */
  async #prints(): Promise<boolean> {
    const limit = { timeout: FIRST_OUTPUT_LIMIT_MS, polling: 500 };
    return await this.#page
      .waitForFunction(() => window.v86.printed !== '', undefined, limit)
      .then(
        () => true,
        () => false,
      );
  }

  async #printed(): Promise<string> {
    const text = await this.#page.evaluate(() => window.v86.printed);
    return text.replaceAll('\r\n', '\n');
  }
}

async function serveV86(context: BrowserContext): Promise<void> {
  const ofPackage = (name: string) => fileURLToPath(new URL(name, import.meta.resolve('v86')));
  const { bios, vgaBios } = biosFiles();
  const files: Record<string, { contentType: string; body: string | Buffer }> = {
    'index.html': { contentType: 'text/html', body: PAGE },
    'libv86.mjs': { contentType: 'text/javascript', body: readFileSync(ofPackage('libv86.mjs')) },
    'v86.wasm': { contentType: 'application/wasm', body: readFileSync(ofPackage('v86.wasm')) },
    'bios.bin': { contentType: 'application/octet-stream', body: readFileSync(bios) },
    'vgabios.bin': { contentType: 'application/octet-stream', body: readFileSync(vgaBios) },
  };
  const headers = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
  await context.route('**/v86/*', (route) => {
    const file = files[new URL(route.request().url()).pathname.replace(/.*\//, '')];
    return file ? route.fulfill({ headers, ...file }) : route.fulfill({ status: 404 });
  });
}
