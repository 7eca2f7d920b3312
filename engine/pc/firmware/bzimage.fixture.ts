// For tests: a bzImage with nothing in it but a right header.

export interface SyntheticKernel {
  protocol?: number;
  payloadBytes?: number;
  initSize?: number;
  preferredAddress?: number;
  relocatable?: boolean;
  initrdAddressMax?: number;
  commandLineSize?: number;
  loadflags?: number;
  xloadflags?: number;
  code32Start?: number;
  /** In paragraphs; what the payload has if left out. */
  syssize?: number;
  /** What it calls itself. */
  version?: string;
}

const SETUP_SECTORS = 2;
const VERSION_AT = 0x400;

export function syntheticKernel(options: SyntheticKernel = {}): Uint8Array<ArrayBuffer> {
  const payloadBytes = options.payloadBytes ?? 4096;
  const file = new Uint8Array((SETUP_SECTORS + 1) * 512 + payloadBytes);
  for (let i = (SETUP_SECTORS + 1) * 512; i < file.length; i++) file[i] = i * 7;
  const view = new DataView(file.buffer);
  view.setUint8(0x1f1, SETUP_SECTORS);
  view.setUint32(0x1f4, options.syssize ?? Math.ceil(payloadBytes / 16), true);
  view.setUint16(0x1fe, 0xaa55, true);
  view.setUint16(0x200, 0x6aeb, true); // jmp: the header ends at 26Ch
  file.set(new TextEncoder().encode('HdrS'), 0x202);
  view.setUint16(0x206, options.protocol ?? 0x20f, true);
  view.setUint8(0x211, options.loadflags ?? 1);
  view.setUint32(0x214, options.code32Start ?? 0, true);
  view.setUint16(0x236, options.xloadflags ?? 0, true);
  if (options.version !== undefined) {
    view.setUint16(0x20e, VERSION_AT - 512, true);
    file.set(new TextEncoder().encode(`${options.version}\0`), VERSION_AT);
  }
  view.setUint32(0x22c, options.initrdAddressMax ?? 0x7fffffff, true);
  view.setUint32(0x230, 0x200000, true);
  view.setUint8(0x234, options.relocatable === false ? 0 : 1);
  view.setUint32(0x238, options.commandLineSize ?? 2047, true);
  view.setBigUint64(0x258, BigInt(options.preferredAddress ?? 0x1000000), true);
  view.setUint32(0x260, options.initSize ?? 0x100000, true);
  return file;
}
