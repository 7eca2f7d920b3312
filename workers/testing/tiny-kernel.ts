// The smallest file that passes for a bzImage (Documentation/arch/x86/boot.rst, protocol 2.03): a boot sector, one setup
// sector and the code, entered in 32-bit protected mode; HLT where none is given. Tests only.

export function tinyKernel(code: ArrayLike<number> = [0xf4]): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(2 * 512 + Math.max(512, code.length));
  const view = new DataView(file.buffer);
  view.setUint8(0x1f1, 1); // setup_sects
  view.setUint16(0x1fe, 0xaa55, true); // boot_flag
  view.setUint8(0x201, 0x60); // length of the header
  view.setUint32(0x202, 0x53726448, true); // "HdrS"
  view.setUint16(0x206, 0x203, true); // version
  view.setUint8(0x211, 1); // loadflags: LOADED_HIGH
  view.setUint32(0x22c, 0x37ffffff, true); // initrd_addr_max
  file.set(code, 2 * 512);
  return file;
}
