// Where a PC's memory lies: RAM from 0 on, before it the video window; ROM that ends at 4 GiB and, its last 128 KiB, at 1 MiB too. Below
// 1 MiB the chipset sends reads, writes or both to the RAM behind the ROM (82441FX datasheet, §3.2.13).

import type { MemoryWindow } from '../../base/memory-window.ts';
import { KIB, MIB, PAGE_SHIFT, PAGE_SIZE } from '../../base/sizes.ts';
import { LAYER_CHIPSET, LAYER_CPU, LAYER_RAM, type MemoryMap } from '../bus/memory-map.ts';
import type { ShadowMask } from '../devices/pci/host-bridge.ts';

const VIDEO: MemoryWindow = { first: 0xa0, pages: 0x20, reads: undefined, writes: undefined };
const TOP_PAGE = 0x100000;
const LOW_TOP_PAGE = MIB / PAGE_SIZE;
/** Of the ROM, what is seen below 1 MiB. */
const LOW_ROM_PAGES = (128 * KIB) / PAGE_SIZE;
const SHADOW_AREA_PAGES = (16 * KIB) / PAGE_SIZE;
const SHADOW_FIRST_PAGE = 0xc0;
/** In the two bits of each area. */
const SHADOW_READS = 1;
const SHADOW_WRITES = 2;

export class MemoryLayout {
  readonly #map: MemoryMap;
  readonly #ramPages: number;
  readonly #romPages: number;

  constructor(map: MemoryMap, ramPages: number, romPages: number) {
    this.#map = map;
    this.#ramPages = ramPages;
    this.#romPages = romPages;
    map.set('RAM', LAYER_RAM, [{ first: 0, pages: ramPages, reads: 0, writes: 0 }]);
    map.set('video', LAYER_CHIPSET, [VIDEO]);
    this.shadow(0);
  }

  /** Which of the areas of 16 KiB from C0000h on are RAM for reads, and which for writes. */
  shadow(shadow: ShadowMask): void {
    const rom = this.#romPages;
    if (rom === 0) return;
    const first = this.#ramPages;
    const low = Math.min(rom, LOW_ROM_PAGES);
    const windows: MemoryWindow[] = [{ first: TOP_PAGE - rom, pages: rom, reads: first, writes: 'dropped' }];
    for (let page = LOW_TOP_PAGE - low; page < LOW_TOP_PAGE; page += SHADOW_AREA_PAGES) {
      const bits = shadow >>> (((page - SHADOW_FIRST_PAGE) / SHADOW_AREA_PAGES) * 2);
      windows.push({
        ...{ first: page, pages: SHADOW_AREA_PAGES },
        reads: bits & SHADOW_READS ? this.#ram(page) : first + rom - (LOW_TOP_PAGE - page),
        writes: bits & SHADOW_WRITES ? this.#ram(page) : 'dropped',
      });
    }
    this.#map.set('ROM', LAYER_CHIPSET, windows);
  }

  /** The local APIC hides whatever else is at its address; undefined: it is disabled. */
  placeLocalApic(base: number | undefined): void {
    const windows =
      base === undefined ? [] : [{ first: base >>> PAGE_SHIFT, pages: 1, reads: undefined, writes: undefined }];
    this.#map.set('local APIC', LAYER_CPU, windows);
  }

  #ram(page: number): number | undefined {
    return page < this.#ramPages ? page : undefined;
  }
}
