// The display adapter: a VGA with the Bochs VBE interface, as QEMU's standard VGA (docs/specs/standard-vga.txt there): PCI 1234h:1111h, BAR 0
// the video memory, BAR 2 registers. The video memory is part of the VM's memory. Where a mode needs nothing of the latches the guest has it
// mapped like RAM, at BAR 0 always; else A0000h to BFFFFh are planar memory, whose accesses are the CPU's.
//
//   BAR 2: 000h EDID, 400h ports 3C0h to 3DFh, 500h VBE registers of 16 bits, 600h QEMU's (length, byte order)

import { GC_MODE } from '../../../base/planar-registers.ts';
import { PAGE_SHIFT } from '../../../base/sizes.ts';
import type { Board, DeviceMemory } from '../../bus/board.ts';
import type { Clock, Device } from '../../bus/device.ts';
import type { Display, DisplayState } from '../../bus/display.ts';
import { LAYER_PCI, type MemoryMap } from '../../bus/memory-map.ts';
import type { PlanarMemory } from '../../bus/planar-memory.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { type BarHandler, memoryWindow } from '../pci/bar-window.ts';
import { BAR0, COMMAND, COMMAND_IO, COMMAND_MEMORY } from '../pci/config-space.ts';
import { QEMU_SUBSYSTEM } from '../pci/identities.ts';
import { PciDevice } from '../pci/pci-device.ts';
import { edid } from './edid.ts';
import type { VgaState } from './persist.ts';
import { pictureOf } from './picture.ts';
import {
  CRTC_HORIZONTAL_END,
  CRTC_LINE_COMPARE,
  CRTC_MAXIMUM_SCAN,
  CRTC_MODE,
  CRTC_OFFSET,
  CRTC_OVERFLOW,
  CRTC_VERTICAL_END,
  GC_MISCELLANEOUS,
  MISCELLANEOUS_GRAPHICS,
  MODE_256_COLORS,
  MODE_PAIRS,
  VgaRegisters,
} from './registers.ts';
import { defaultTiming, type FrameTiming, registerTiming, retraceStatus } from './retrace.ts';
import { clearedText, TEXT_MODE } from './text-mode.ts';
import { ENABLED, KEEP_MEMORY, Vbe, WIDE_DAC } from './vbe.ts';
import { VideoWindow, WINDOW, WINDOW_SIZE } from './window.ts';

const BOCHS = 0x1234;
const STANDARD_VGA = 0x1111;
const DISPLAY_VGA = 0x030000;
const REVISION = 2;
const PREFETCHABLE = 0x08;

const FIRST_PORT = 0x3b0;
const PORTS = 0x30;
const VBE_INDEX_PORT = 0x1ce;
/** Data is at the next port; QEMU has it at the one behind too. */
const VBE_PORTS = 4;

const MMIO_SIZE = 0x1000;
const MMIO_PORTS = 0x400;
const MMIO_FIRST_PORT = 0x3c0;
const MMIO_PORT_COUNT = 0x20;
const MMIO_VBE = 0x500;
const MMIO_VBE_SIZE = 22;
const MMIO_QEMU = 0x600;
/** Its length, and that the frame buffer is little-endian. */
const QEMU_REGISTERS = [8, 0x1e1e1e1e];

/** Positions of the 256 KiB that a VGA has. */
const VGA_MASK = 0xffff;

/** Where QEMU's firmware puts the BARs, and where they are without firmware. */
export const PRESET_MEMORY_BASE = 0xfd000000;
const MMIO_BASE = 0xfebf0000;

export class Vga implements Device<VgaState>, Display {
  readonly name = 'VGA';
  readonly pci: PciDevice;
  changes = 0;
  readonly #clock: Clock;
  readonly #map: MemoryMap;
  readonly #memory: DeviceMemory;
  readonly #preset: boolean;
  readonly #registers: VgaRegisters;
  readonly #vbe: Vbe;
  readonly #planar: PlanarMemory;
  readonly #window: VideoWindow;
  readonly #edid = edid();
  #timing: FrameTiming | undefined;

  /** `memory`: a power of two of bytes. Without firmware the BARs are in place and a text mode is set. */
  constructor(
    board: Pick<Board, 'clock' | 'memoryMap' | 'mmio' | 'ports' | 'planarMemory' | 'hasFirmware'>,
    memory: DeviceMemory,
  ) {
    this.#clock = board.clock;
    this.#map = board.memoryMap;
    this.#memory = memory;
    this.#preset = !board.hasFirmware;
    this.#planar = board.planarMemory;
    this.#registers = new VgaRegisters(
      {
        retrace: () => this.#retrace(),
        changed: () => this.#changed(),
        accessChanged: () => this.#accessChanged(),
      },
      this.#planar,
    );
    this.#window = new VideoWindow(this.#registers, this.#planar, memory, board.memoryMap);
    this.#vbe = new Vbe({
      memoryBytes: memory.bytes.length,
      modeSet: (flags, switchedOn) => this.#setVbeMode(flags, switchedOn),
      moved: () => this.#accessChanged(),
    });
    this.pci = new PciDevice({
      ...{ vendorId: BOCHS, deviceId: STANDARD_VGA, revision: REVISION, classCode: DISPLAY_VGA },
      ...QEMU_SUBSYSTEM,
    });
    const { length } = memory.bytes;
    this.pci.defineBar(0, 'memory', length, (address) => this.#placeMemory(address));
    this.pci.config.define(BAR0, 4, PREFETCHABLE, ~(length - 1) >>> 0);
    this.pci.defineBar(2, 'memory', MMIO_SIZE, memoryWindow(board.mmio, MMIO_SIZE, this.#mmio));
    if (this.#preset) {
      this.pci.config.write(BAR0, 4, PRESET_MEMORY_BASE);
      this.pci.config.write(BAR0 + 8, 4, MMIO_BASE);
      this.pci.config.write(COMMAND, 2, COMMAND_IO | COMMAND_MEMORY);
    }
    // What is left of it is an empty bus.
    board.mmio.register(WINDOW, WINDOW_SIZE, { read: (_offset, size) => 2 ** (8 * size) - 1, write() {} });
    const registers = this.#registers;
    board.ports.register(
      FIRST_PORT,
      PORTS,
      bytePorts(
        (port) => registers.read(port),
        (port, value) => registers.write(port, value),
      ),
    );
    board.ports.register(VBE_INDEX_PORT, VBE_PORTS, {
      read: (port) => (port === VBE_INDEX_PORT ? this.#vbe.index : this.#vbe.read()),
      write: (port, _size, value) => {
        if (port === VBE_INDEX_PORT) this.#vbe.index = value & 0xffff;
        else this.#vbe.write(value & 0xffff);
      },
    });
  }

  state(): DisplayState {
    const { firstPage, bytes } = this.#memory;
    const vbe = this.#vbe.enabled ? this.#vbe.mode : undefined;
    return {
      changes: this.changes,
      memory: { firstPage, pages: bytes.length >>> PAGE_SHIFT },
      picture: pictureOf(this.#registers, vbe, bytes.length / 4),
    };
  }

  /** Memory keeps its content. */
  reset(): void {
    this.#vbe.reset();
    this.#registers.reset();
    if (this.#preset) for (const [port, value] of TEXT_MODE) this.#registers.write(port, value);
    this.#planar.latches = 0;
    this.#accessChanged();
  }

  clearText(font?: Uint8Array): void {
    this.#memory.write(0, clearedText(font));
    this.#changed();
  }

  save(): VgaState {
    return {
      version: 1,
      registers: this.#registers.save(),
      vbe: this.#vbe.save(),
      latches: this.#planar.latches,
    };
  }

  restore(state: VgaState): void {
    const { registers, vbe, latches } = requireForm(this.name, state, this.save());
    this.#registers.restore(registers);
    this.#vbe.restore(vbe);
    this.#planar.latches = latches;
    this.#accessChanged();
  }

  get #mmio(): BarHandler {
    return {
      read: (offset, size) => {
        let value = 0;
        for (let i = size - 1; i >= 0; i--) value = value * 256 + this.#readMmio(offset + i);
        return value;
      },
      write: (offset, size, value) => this.#writeMmio(offset, size, value),
    };
  }

  #readMmio(offset: number): number {
    if (offset < this.#edid.length) return this.#edid[offset]!;
    if (offset >= MMIO_PORTS && offset < MMIO_PORTS + MMIO_PORT_COUNT)
      return this.#registers.read(offset - MMIO_PORTS + MMIO_FIRST_PORT);
    if (offset >= MMIO_VBE && offset < MMIO_VBE + MMIO_VBE_SIZE)
      return (this.#vbe.read((offset - MMIO_VBE) >> 1) >> (8 * (offset & 1))) & 0xff;
    return ((QEMU_REGISTERS[(offset - MMIO_QEMU) >> 2] ?? 0) >>> (8 * (offset & 3))) & 0xff;
  }

  /** VBE registers take whole words. */
  #writeMmio(offset: number, size: number, value: number): void {
    if (offset >= MMIO_VBE && offset < MMIO_VBE + MMIO_VBE_SIZE) {
      for (let i = 0; i + 1 < size && (offset & 1) === 0; i += 2)
        this.#vbe.write((value >>> (8 * i)) & 0xffff, (offset + i - MMIO_VBE) >> 1);
      return;
    }
    for (let i = 0; i < size; i++) {
      const port = offset + i - MMIO_PORTS;
      if (port >= 0 && port < MMIO_PORT_COUNT)
        this.#registers.write(port + MMIO_FIRST_PORT, (value >>> (8 * i)) & 0xff);
    }
  }

  #placeMemory(address: number | undefined): void {
    const { firstPage, bytes } = this.#memory;
    const pages = bytes.length >>> PAGE_SHIFT;
    this.#map.set(
      'video memory',
      LAYER_PCI,
      address === undefined ? [] : [{ first: address >>> PAGE_SHIFT, pages, reads: firstPage, writes: firstPage }],
    );
  }

  /** Registers that the picture depends on have changed. */
  #changed(): void {
    this.changes++;
    this.#timing = undefined;
  }

  /** Registers that the CPU's way to the memory depends on have changed, and perhaps the picture. */
  #accessChanged(): void {
    this.#changed();
    const { enabled, mode, bank } = this.#vbe;
    this.#window.update({
      linear: enabled && mode.bitsPerPixel !== 4,
      bank,
      mask: enabled ? this.#memory.bytes.length / 4 - 1 : VGA_MASK,
    });
  }

  #retrace(): number {
    this.#timing ??= this.#vbe.enabled ? defaultTiming(this.#vbe.mode.height) : registerTiming(this.#registers);
    return retraceStatus(this.#timing, this.#clock.now());
  }

  /**
   * Registers of the VGA follow, so that the window at A0000h shows the bank, and so that they are what BIOSes written for this interface
   * expect: as in QEMU 7.2.
   */
  #setVbeMode(flags: number, switchedOn: boolean): void {
    this.#registers.wideDac = (flags & WIDE_DAC) !== 0;
    if (flags & ENABLED) {
      const { height, pitch, bitsPerPixel } = this.#vbe.mode;
      this.#followVbe();
      if (switchedOn && !(flags & KEEP_MEMORY)) this.#clear(height * pitch * (bitsPerPixel === 4 ? 4 : 1));
    }
    this.#accessChanged();
  }

  #followVbe(): void {
    const { crtc, graphics } = this.#registers;
    const { width, height, pitch, bitsPerPixel } = this.#vbe.mode;
    const planar = bitsPerPixel === 4;
    graphics[GC_MISCELLANEOUS] = (graphics[GC_MISCELLANEOUS]! & ~0x0c) | 0x04 | MISCELLANEOUS_GRAPHICS;
    crtc[CRTC_MODE]! |= 3;
    // In pairs of positions
    crtc[CRTC_OFFSET] = planar ? pitch >> 1 : pitch >> 3;
    crtc[CRTC_HORIZONTAL_END] = (width >> 3) - 1;
    const last = height - 1;
    crtc[CRTC_VERTICAL_END] = last;
    const overflow = crtc[CRTC_OVERFLOW]! & ~0x42;
    crtc[CRTC_OVERFLOW] = overflow | ((last >> 7) & 0x02) | ((last >> 3) & 0x40) | 0x10;
    crtc[CRTC_LINE_COMPARE] = 0xff;
    crtc[CRTC_MAXIMUM_SCAN] = (crtc[CRTC_MAXIMUM_SCAN]! & ~0x9f) | 0x40;
    graphics[GC_MODE] = (graphics[GC_MODE]! & ~(MODE_PAIRS | MODE_256_COLORS)) | (planar ? 0 : MODE_256_COLORS);
  }

  #clear(bytes: number): void {
    const size = Math.min(bytes, this.#memory.bytes.length);
    this.#memory.bytes.fill(0, 0, size);
    this.#memory.written(0, size);
  }
}
