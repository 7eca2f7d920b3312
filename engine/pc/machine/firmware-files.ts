// The files that firmware finds by QEMU's interface (QEMU, docs/specs/fw_cfg.rst; what SeaBIOS 1.16 reads of them is in its
// documentation of its run-time configuration): memory map, boot order and menu, ACPI and SMBIOS tables, sleeping states.

import { MIB } from '../../base/sizes.ts';
import type { BootOptions } from '../bus/boot.ts';
import { type AcpiMachine, buildAcpiFiles } from '../firmware/acpi.ts';
import { buildSmbiosFiles, type Identity } from '../firmware/smbios.ts';
import { acpiFiles } from '../firmware/table-loader.ts';

export interface FirmwareMachine {
  acpi: AcpiMachine;
  identity: Identity;
  boot: BootOptions;
  /** The file `bootorder`. */
  bootOrder: Uint8Array;
}

const E820_RAM = 1;
const NEVER = 0xffffffff;
/**
 * A byte for each of S0 to S5, as QEMU has it: bit 7 says that there is such a state, the others its SLP_TYP. Here S0 and S5; the types
 * of S3 and S4 are QEMU's.
 */
const SLEEPING_STATES = Uint8Array.of(0x80, 0, 0, 1, 2, 0x80);

export function firmwareFiles({ acpi, identity, boot, bootOrder }: FirmwareMachine): Map<string, Uint8Array> {
  const smbios = buildSmbiosFiles(identity, acpi.memoryMiB);
  const files = new Map([
    ...acpiFiles(buildAcpiFiles(acpi)),
    ['bootorder', bootOrder] as const,
    ['etc/boot-fail-wait', number(boot.retryMs ?? NEVER, 4)] as const,
    ['etc/e820', memoryMap(acpi.memoryMiB)] as const,
    ['etc/smbios/smbios-anchor', smbios.anchor] as const,
    ['etc/smbios/smbios-tables', smbios.tables] as const,
    ['etc/system-states', SLEEPING_STATES] as const,
  ]);
  if (boot.menuWaitMs !== undefined) files.set('etc/boot-menu-wait', number(boot.menuWaitMs, 2));
  return files;
}

/** RAM alone: start and length in 64 bits, type in 32. Firmware itself says what of it it keeps. */
function memoryMap(memoryMiB: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(8, BigInt(memoryMiB * MIB), true);
  view.setUint32(16, E820_RAM, true);
  return bytes;
}

function number(value: number, size: 2 | 4): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes.subarray(0, size);
}
