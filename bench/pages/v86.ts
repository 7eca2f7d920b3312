// v86 in a page, one guest.
import { V86 } from 'v86';
import wasmUrl from 'v86/build/v86.wasm?url';
import { v86Options } from '../../e2e/support/v86-options.ts';
import type { BenchPage, PageGuest } from '../engines/page-api.ts';
import { SerialLog } from '../measure/serial-log.ts';

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
    const { kernelUrl, initrdUrl, commandLine, memoryMiB, network } = guest;
    const serial = new SerialLog(() => performance.now());
    log = serial;
    const [bios, vgaBios, kernel, initrd] = await Promise.all(
      ['/bios/bios.bin', '/bios/vgabios-stdvga.bin', kernelUrl, initrdUrl].map(download),
    );
    const images = { bios, vgaBios, kernel, initrd };
    machine = new V86(v86Options({ wasm: wasmUrl, images, commandLine, memoryMiB, network }));
    machine.add_listener('serial0-output-byte', (byte) => serial.push(String.fromCharCode(byte)));
  },
  async waitFor(_guest, pattern, timeoutMs) {
    if (!log) throw new Error('start() comes first.');
    return log.waitFor(pattern, timeoutMs);
  },
  async send(_guest, text) {
    machine?.serial0_send(text);
  },
  figures: async () => '',
};

window.bench = page;
