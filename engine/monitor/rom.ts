// The machine's ROM (isa/layout.ts, ROM_BASE): where it lies among guest-physical pages. Writes to it are dropped.

import { ROM_BASE, ROM_LOW_PAGES, ROM_PAGES } from '../isa/layout.ts';

/** The page behind the last one of 32-bit addresses, and of those below 1 MiB. */
const TOP_PAGE: u32 = 0x100000;
const LOW_TOP_PAGE: u32 = 0x100;

/** Is this one of the pages below 1 MiB where ROM lies before the RAM? */
export function is_low_rom(cpu: usize, page: u32): bool {
  const low = min<u32>(load<u32>(cpu, ROM_PAGES), ROM_LOW_PAGES as u32);
  return page - (LOW_TOP_PAGE - low) < low;
}

/** Machine address of a ROM page; 0 for a page that is none. */
export function rom_page(cpu: usize, page: u32): u32 {
  const pages = load<u32>(cpu, ROM_PAGES);
  const top = is_low_rom(cpu, page) ? LOW_TOP_PAGE : TOP_PAGE;
  const index = page - (top - pages);
  return index < pages ? load<u32>(cpu, ROM_BASE) + (index << 12) : 0;
}
