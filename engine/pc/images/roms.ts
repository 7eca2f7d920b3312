// Recognises ROM images. A system ROM fills the end of the address space, so its last 16 bytes are what the CPU runs first: a
// jump. An option ROM begins with a signature and its length (PnP BIOS Specification 1.0A §3; PCI Firmware Specification 3.0 §5).

import { MAXIMUM_ROM_KIB } from '../firmware/rom-boot.ts';
import { hasAt, type ImageReader, latin1, u8, u16 } from './image-file.ts';
import { blocking, type RecognizedImage, warning } from './recognized.ts';
import { sizeText } from './size-text.ts';

const UNIT = 64 << 10;
const RESET_VECTOR = 16;
const OPTION_UNIT = 512;
const NOP = 0x90;
const JUMPS = [0xea, 0xe9, 0xeb];
const DATE = /\d\d\/\d\d\/\d\d/;

export async function systemRom(reader: ImageReader): Promise<RecognizedImage | undefined> {
  const { size } = reader;
  if (size === 0 || size % UNIT !== 0 || size > MAXIMUM_ROM_KIB << 10) return undefined;
  const vector = await reader.tail(RESET_VECTOR);
  let at = 0;
  while (u8(vector, at) === NOP) at++;
  // Other files have a jump there by chance: a far one leads to the BIOS's segments, others are backed by a date or nops.
  const far = u8(vector, at) === 0xea && u16(vector, at + 3) >= 0xe000;
  if (!far && !(JUMPS.includes(u8(vector, at)) && (at > 0 || DATE.test(latin1(vector))))) return undefined;
  const efi = hasAt(reader.head, 0x28, '_FVH');
  return {
    kind: 'rom',
    role: 'system',
    title: `${efi ? 'EFI firmware' : 'System ROM'}, ${size >> 10} KiB${date(vector)}`,
    problems: efi
      ? [
          warning(
            'It is EFI firmware: it needs a chip for its variables, and perhaps 64 bits, that the machine here does not have.',
          ),
        ]
      : [],
    proposal: { guestOs: 'Firmware', memoryMiB: 128, start: 'rom', drives: [], bootOrder: [], nic: 'ne2k-pci' },
  };
}

function date(vector: Uint8Array): string {
  const found = DATE.exec(latin1(vector))?.[0];
  return found ? `, of ${found}` : '';
}

const VGA_CLASS = 0x03;
const NETWORK_CLASS = 0x02;
const CLASS_NAMES: Record<number, string> = {
  [VGA_CLASS]: 'a display card',
  [NETWORK_CLASS]: 'a network card',
  1: 'a disk controller',
};

export async function optionRom(reader: ImageReader): Promise<RecognizedImage | undefined> {
  const { head, size } = reader;
  if (!hasAt(head, 0, '\x55\xaa')) return undefined;
  const declared = u8(head, 2) * OPTION_UNIT;
  if (declared === 0) return undefined;
  const pci = u16(head, 0x18);
  const hasPci = pci >= 0x1a && hasAt(head, pci, 'PCIR');
  const problems = [];
  if (declared > size)
    problems.push(
      blocking(`The ROM is truncated: it says that it has ${declared} bytes, the file has ${size}. Fetch it again.`),
    );
  else {
    const sum = (await reader.bytes(0, declared)).reduce((total, byte) => total + byte, 0) % 256;
    // Code without either is a file that begins with these two bytes by chance.
    if (sum !== 0 && !hasPci) return undefined;
    if (sum !== 0) problems.push(warning('The ROM’s checksum is wrong: firmware may leave it out.'));
  }
  if (declared > size && !hasPci) return undefined;
  const use = hasPci ? (CLASS_NAMES[u8(head, pci + 0x0f)] ?? 'a PCI card') : 'an ISA card';
  problems.push(blocking('It is the ROM of a card, not one of the machine: it starts nothing by itself.'));
  return { kind: 'rom', role: 'option', title: `Option ROM of ${use}, ${sizeText(declared)}`, problems };
}
