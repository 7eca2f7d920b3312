// The machine's ROM (cpu/abi/layout.ts, ROM_BASE): where it lies among guest-physical pages. Writes to it are dropped. Below
// 1 MiB the chipset may send reads, writes or both to the RAM behind it (ROM_SHADOW).

import { ROM_BASE, ROM_LOW_PAGES, ROM_PAGES, ROM_SHADOW } from '../../abi/layout.ts';

/** The page behind the last one of 32-bit addresses, and of those below 1 MiB. */
const TOP_PAGE: u32 = 0x100000;
const LOW_TOP_PAGE: u32 = 0x100;

/** In ROM_SHADOW, whose areas of four pages begin at C0000h. */
const SHADOW_READS: u32 = 1;
const SHADOW_WRITES: u32 = 2;
const SHADOW_FIRST_PAGE: u32 = 0xc0;

function is_low_rom(cpu: usize, page: u32): bool {
  const low = min<u32>(load<u32>(cpu, ROM_PAGES), ROM_LOW_PAGES as u32);
  return page - (LOW_TOP_PAGE - low) < low;
}

/** Of one of the pages below 1 MiB. */
function shadow(cpu: usize, page: u32): u32 {
  const area = (page - SHADOW_FIRST_PAGE) >>> 2;
  return load<u32>(cpu, ROM_SHADOW) >>> (area << 1);
}

/** Does ROM lie before the RAM of this page, for whoever reads it? */
export function rom_hides_reads(cpu: usize, page: u32): bool {
  return is_low_rom(cpu, page) && (shadow(cpu, page) & SHADOW_READS) === 0;
}

/** The same, for whoever writes. */
export function rom_hides_writes(cpu: usize, page: u32): bool {
  return is_low_rom(cpu, page) && (shadow(cpu, page) & SHADOW_WRITES) === 0;
}

/** Machine address of a page that reads as ROM; 0 for a page that does not. */
export function rom_page(cpu: usize, page: u32): u32 {
  const low = is_low_rom(cpu, page);
  if (low && (shadow(cpu, page) & SHADOW_READS) !== 0) return 0;
  const pages = load<u32>(cpu, ROM_PAGES);
  const index = page - ((low ? LOW_TOP_PAGE : TOP_PAGE) - pages);
  return index < pages ? load<u32>(cpu, ROM_BASE) + (index << 12) : 0;
}
