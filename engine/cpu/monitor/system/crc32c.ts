// CRC-32C (Castagnoli), bit-reflected, polynomial 0x1edc6f41, four bits at a time. Source: Intel SDM vol. 2 CRC32.

const NIBBLES = memory.data<u32>([
  0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d, 0x82f63b78,
  0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
]);

/** Adds the low `bytes` bytes of `value` to `crc`. */
export function crc32c(_cpu: usize, crc: u32, value: u32, bytes: u32): u32 {
  crc ^= bytes === 4 ? value : value & ((1 << (bytes * 8)) - 1);
  for (let nibble: u32 = 0; nibble < bytes * 2; nibble++) crc = (crc >> 4) ^ load<u32>(NIBBLES + ((crc & 15) << 2));
  return crc;
}
