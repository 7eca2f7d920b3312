// v86 in a page, one guest.
import { V86 } from 'v86';
import wasmUrl from 'v86/build/v86.wasm?url';
import { v86Options } from '../engines/v86-options.ts';
import { SerialLog } from '../measure/serial-log.ts';
import type { BenchPage, PageGuest } from './page-api.ts';

let log: SerialLog | undefined;
let machine: V86 | undefined;

async function download(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return response.arrayBuffer();
}

const page: BenchPage = {
  async start({ kernelUrl, initrdUrl, commandLine, memoryMiB, count }: PageGuest) {
    if (count !== 1) throw new Error('v86 runs one guest in a page.');
    const serial = new SerialLog(() => performance.now());
    log = serial;
    const [bios, vgaBios, kernel, initrd] = await Promise.all(
      ['/bios/bios.bin', '/bios/vgabios-stdvga.bin', kernelUrl, initrdUrl].map(download),
    );
    machine = new V86(v86Options(wasmUrl, { bios, vgaBios, kernel, initrd }, commandLine, memoryMiB));
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
