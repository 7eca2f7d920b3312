// How v86 is configured wherever it runs: the same machine as the other engines' guests have, and nothing that is not asked for. It
// boots a kernel by way of a BIOS too.
import type { V86NetworkDevice, V86Options } from 'v86';

export type V86Image = { buffer: ArrayBuffer } | { url: string };

export interface V86Machine {
  /** Path or URL of v86.wasm. */
  wasm: string;
  firmware: Record<'bios' | 'vgaBios', V86Image>;
  /** Without it, it boots from a drive. */
  linux?: { kernel: V86Image; initrd: V86Image; commandLine: string };
  /** The model as the engine names it, of those that v86 has. */
  drives?: readonly { model: string; image: V86Image }[];
  memoryMiB: number;
  /** Where it shows its screen, if it does. */
  screen?: HTMLElement;
  /** Has it a network card, on the network that the tabs of the origin share (v86's `inbrowser` backend)? */
  network?: boolean;
}

export function v86Options({ wasm, firmware, linux, drives = [], memoryMiB, screen, network }: V86Machine): V86Options {
  const drive = (model: string) => drives.find((candidate) => candidate.model === model)?.image;
  const [floppy, disk] = [drive('floppy'), drive('ide-hd')];
  return {
    wasm_path: wasm,
    memory_size: memoryMiB << 20,
    vga_memory_size: (screen ? 16 : 2) << 20,
    bios: firmware.bios,
    vga_bios: firmware.vgaBios,
    ...(linux && { bzimage: linux.kernel, initrd: linux.initrd, cmdline: linux.commandLine }),
    ...(floppy && { fda: floppy }),
    ...(disk && { hda: disk }),
    ...(screen && { screen: { container: screen } }),
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
