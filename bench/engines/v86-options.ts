// How v86 is configured wherever it runs: the same machine as the other engines' guests have, and nothing that a serial
// console does not need. It boots a kernel by way of a BIOS.
import type { V86Options } from 'v86';

export interface V86Images {
  bios: ArrayBuffer;
  vgaBios: ArrayBuffer;
  kernel: ArrayBuffer;
  initrd: ArrayBuffer;
}

/** `wasm`: path or URL of v86.wasm. */
export function v86Options(wasm: string, images: V86Images, commandLine: string, memoryMiB: number): V86Options {
  return {
    wasm_path: wasm,
    memory_size: memoryMiB << 20,
    vga_memory_size: 2 << 20,
    bios: { buffer: images.bios },
    vga_bios: { buffer: images.vgaBios },
    bzimage: { buffer: images.kernel },
    initrd: { buffer: images.initrd },
    cmdline: commandLine,
    autostart: true,
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
  };
}
