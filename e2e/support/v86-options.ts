// How v86 is configured wherever it runs: the same machine as the other engines' guests have, and nothing that a serial
// console does not need. It boots a kernel by way of a BIOS.
import type { V86NetworkDevice, V86Options } from 'v86';

export type V86Image = { buffer: ArrayBuffer } | { url: string };

export interface V86Machine {
  /** Path or URL of v86.wasm. */
  wasm: string;
  images: Record<'bios' | 'vgaBios' | 'kernel' | 'initrd', V86Image>;
  commandLine: string;
  memoryMiB: number;
  /** Has it a network card, on the network that the tabs of the origin share (v86's `inbrowser` backend)? */
  network?: boolean;
}

export function v86Options({ wasm, images, commandLine, memoryMiB, network }: V86Machine): V86Options {
  return {
    wasm_path: wasm,
    memory_size: memoryMiB << 20,
    vga_memory_size: 2 << 20,
    bios: images.bios,
    vga_bios: images.vgaBios,
    bzimage: images.kernel,
    initrd: images.initrd,
    cmdline: commandLine,
    autostart: true,
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
    net_device: network ? CARD : NO_CARD,
  };
}

/**
 * Its virtio card carries about twice as much as its NE2000; with that, the guest gets no interrupts but the timer's any more
 * after some megabytes.
 */
const CARD: V86NetworkDevice = { type: 'virtio', relay_url: 'inbrowser' };

/** For the guest's shell: the card says that it is no network card (its PCI class is 00.02), so no driver is loaded at boot. */
export const START_CARD = 'modprobe virtio_pci && /etc/network/start';

/** Left out, it would be an NE2000, for which the guest would ask for an address forever; v86 has no type for no card. */
const NO_CARD: V86NetworkDevice = { type: 'none' as 'virtio' };
