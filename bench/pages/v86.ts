// v86 in a page, one guest.
import { V86 } from 'v86';
import wasmUrl from 'v86/build/v86.wasm?url';
import { v86Options } from '../../e2e/support/v86-options.ts';
import type { BenchPage, PageGuest } from '../engines/page-api.ts';
import { SerialLog } from '../measure/serial-log.ts';
import { countedCanvas } from './frame-counter.ts';

/** What its screen adapter has, which its declarations leave out. */
interface V86Screen {
  pause(): void;
  continue(): void;
}

/** Of machines that boot from drives. */
const counted = countedCanvas({ alpha: false });
const screen = document.createElement('div');
screen.append(counted.canvas);
document.body.append(screen);

let log: SerialLog | undefined;
let machine: V86 | undefined;

async function download(url: string): Promise<{ buffer: ArrayBuffer }> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return { buffer: await response.arrayBuffer() };
}

const page: BenchPage = {
  async start(hosts: PageGuest[][]) {
    const [guest, ...others] = hosts.flat();
    if (others.length > 0) throw new Error('v86 runs one guest in a page.');
    const { linux, drives, memoryMiB, network } = guest;
    const serial = new SerialLog(() => performance.now());
    log = serial;
    const [bios, vgaBios, kernel, initrd, ...images] = await Promise.all([
      ...['/bios/bios.bin', '/bios/vgabios-stdvga.bin'].map(download),
      ...[linux?.kernelUrl, linux?.initrdUrl].map(async (url) => (url === undefined ? undefined : download(url))),
      ...drives.map(({ url }) => download(url)),
    ]);
    if (!bios || !vgaBios) throw new Error('There is no BIOS.');
    machine = new V86(
      v86Options({
        wasm: wasmUrl,
        firmware: { bios, vgaBios },
        ...(linux && kernel && initrd && { linux: { kernel, initrd, commandLine: linux.commandLine } }),
        drives: drives.flatMap(({ model }, n) => (images[n] ? [{ model, image: images[n] }] : [])),
        memoryMiB,
        ...(!linux && { screen }),
        network,
      }),
    );
    machine.add_listener('serial0-output-byte', (byte) => serial.push(String.fromCharCode(byte)));
    if (!linux) machine.add_listener('emulator-started', () => void page.showScreen(false));
  },
  async waitFor(_guest, pattern, timeoutMs) {
    if (!log) throw new Error('start() comes first.');
    return log.waitFor(pattern, timeoutMs);
  },
  async send(_guest, text) {
    machine?.serial0_send(text);
  },
  async showScreen(shown) {
    const { screen_adapter: adapter } = machine as unknown as { screen_adapter: V86Screen };
    if (shown) adapter.continue();
    else adapter.pause();
    screen.style.display = shown ? '' : 'none';
  },
  shownFrames: async () => counted.frames(),
  figures: async () => '',
};

window.bench = page;
