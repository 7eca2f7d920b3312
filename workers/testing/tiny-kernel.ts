// The smallest file that passes for a bzImage (Documentation/arch/x86/boot.rst, protocol 2.03): a boot sector, one setup
// sector and one sector of "kernel". Tests only.

export function tinyKernel(): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(3 * 512);
  const view = new DataView(file.buffer);
  view.setUint8(0x1f1, 1); // setup_sects
  view.setUint16(0x1fe, 0xaa55, true); // boot_flag
  view.setUint8(0x201, 0x60); // length of the header
  view.setUint32(0x202, 0x53726448, true); // "HdrS"
  view.setUint16(0x206, 0x203, true); // version
  view.setUint8(0x211, 1); // loadflags: LOADED_HIGH
  view.setUint32(0x22c, 0x37ffffff, true); // initrd_addr_max
  file.fill(0xf4, 2 * 512);
  return file;
}
