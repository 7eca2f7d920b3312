// Intel 82441FX: function 0 of the bus, whose PAM registers say for each 16 KiB of C0000h..FFFFFh whether reads and writes go
// to RAM or to the bus, that is, to the ROM (82441FX datasheet, §3.2.13).
import { COMMAND, COMMAND_BUS_MASTER, COMMAND_MEMORY } from './config-space.ts';
import { INTEL, QEMU_SUBSYSTEM } from './identities.ts';
import { PciDevice } from './pci-device.ts';

const PAM = 0x59;
const PAM_COUNT = 7;
/** Both areas of a register readable and writable as RAM. */
const ALL_RAM = 0x33;
const AREAS = 16;

/** Bit 2n: reads of the n-th 16 KiB from C0000h on go to RAM; bit 2n + 1: writes do. */
export type ShadowMask = number;

export class HostBridge extends PciDevice {
  readonly #changed: ((shadow: ShadowMask) => void) | undefined;
  readonly #keeps: () => boolean;

  /**
   * `changed` is called at each reset and change. Without it there is no ROM: the area is RAM and stays so. `keeps`: at this reset
   * the registers stay as they are. On a PC a reset of the CPU alone does not reach the chipset, and firmware that is to go on where a
   * program wants it does so in its copy in RAM.
   */
  constructor(changed?: (shadow: ShadowMask) => void, keeps = () => false) {
    super({ vendorId: INTEL, deviceId: 0x1237, revision: 2, classCode: 0x060000, ...QEMU_SUBSYSTEM });
    this.#changed = changed;
    this.#keeps = keeps;
    this.config.define(COMMAND, 2, COMMAND_MEMORY | COMMAND_BUS_MASTER);
    for (let register = PAM; register < PAM + PAM_COUNT; register++) {
      if (changed) this.config.define(register, 1, 0, register === PAM ? 0x30 : ALL_RAM);
      else this.config.define(register, 1, ALL_RAM);
    }
  }

  override reset(): void {
    const registers = Array.from({ length: PAM_COUNT }, (_, n) => this.config.read(PAM + n, 1));
    super.reset();
    if (!this.#keeps()) return;
    for (const [n, value] of registers.entries()) this.config.write(PAM + n, 1, value);
    this.configChanged();
  }

  protected override configChanged(): void {
    let shadow = 0;
    for (let area = 0; area < AREAS; area++) shadow |= this.#area(area) << (2 * area);
    this.#changed?.(shadow >>> 0);
  }

  /** The last 64 KiB have one field for all, in the upper half of the first register; before, two areas share one. */
  #area(n: number): number {
    const upper = n >= 12 || n % 2 === 1;
    const register = n >= 12 ? PAM : PAM + 1 + (n >> 1);
    return (this.config.read(register, 1) >> (upper ? 4 : 0)) & 3;
  }
}
