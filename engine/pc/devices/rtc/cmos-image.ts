// The battery-backed bytes as a BIOS leaves them after its self test: equipment and memory sizes.

const EQUIPMENT = 0x14;
const BASE_MEMORY = 0x15;
const EXTENDED_MEMORY = 0x17;
const CHECKSUM = 0x2e;
const EXTENDED_MEMORY_POST = 0x30;
const MEMORY_ABOVE_16M = 0x34;

const HAS_FPU = 0x02;

/** 128 bytes; time and control registers are zero. */
export function cmosImage(memoryMiB: number): Uint8Array {
  const cmos = new Uint8Array(128);
  const view = new DataView(cmos.buffer);
  cmos[EQUIPMENT] = HAS_FPU;
  view.setUint16(BASE_MEMORY, 640, true); // KiB
  const extended = Math.min((memoryMiB - 1) * 1024, 0xffff); // KiB above 1 MiB
  view.setUint16(EXTENDED_MEMORY, extended, true);
  view.setUint16(EXTENDED_MEMORY_POST, extended, true);
  view.setUint16(MEMORY_ABOVE_16M, Math.min(Math.max(memoryMiB - 16, 0) * 16, 0xffff), true); // 64 KiB units
  sealCmos(cmos);
  return cmos;
}

/** Makes the checksum of registers 10h to 2Dh. */
export function sealCmos(cmos: Uint8Array): void {
  const sum = cmos.subarray(0x10, CHECKSUM).reduce((a, b) => a + b, 0);
  cmos[CHECKSUM] = (sum >> 8) & 0xff;
  cmos[CHECKSUM + 1] = sum & 0xff;
}
