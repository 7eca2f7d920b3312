// Intel 82371AB (PIIX4), function 3: says where the registers of acpi-pm are (82371AB datasheet, §7.1: PMBA, DEVACTB, PMREGMISC),
// set up as a BIOS leaves it.
import { PM_PORT_COUNT, PM1_EVENT_PORT, SCI_IRQ } from './acpi-registers.ts';
import { COMMAND, COMMAND_IO, INTERRUPT_LINE } from './config-space.ts';
import { INTEL, QEMU_SUBSYSTEM } from './identities.ts';
import { PciDevice } from './pci-device.ts';

const BASE = 0x40;
const IS_IO = 1;
/** DEVACTB: what raises an SMI. Set already, it keeps firmware from setting up a system-management mode that there is not. */
const DEVICE_ACTIVITY_B = 0x58;
const APMC_ENABLED = 0x02000000;
const MISCELLANEOUS = 0x80;
const DECODED = 1;
/** Of the base address: aligned to the size of the block, below 64 KiB. */
const BASE_BITS = 0x10000 - PM_PORT_COUNT;

export class PowerManagement extends PciDevice {
  readonly #place: (base: number | undefined) => void;
  #placed: number | undefined;

  /** `place` is called with the address of the block, undefined while it is nowhere; once before anything else. */
  constructor(place: (base: number | undefined) => void) {
    super({ vendorId: INTEL, deviceId: 0x7113, revision: 3, classCode: 0x068000, ...QEMU_SUBSYSTEM });
    this.#place = place;
    this.config.define(COMMAND, 2, COMMAND_IO);
    this.config.define(INTERRUPT_LINE, 1, SCI_IRQ, 0xff);
    this.config.define(BASE, 4, PM1_EVENT_PORT | IS_IO, BASE_BITS);
    this.config.define(DEVICE_ACTIVITY_B, 4, APMC_ENABLED);
    this.config.define(MISCELLANEOUS, 1, DECODED, DECODED);
    this.configChanged();
  }

  protected override configChanged(): void {
    const decoded = (this.config.read(MISCELLANEOUS, 1) & DECODED) !== 0;
    const base = decoded ? this.config.read(BASE, 4) & BASE_BITS : undefined;
    if (base === this.#placed) return;
    this.#placed = base;
    this.#place(base);
  }
}
