// Limits of translations that nearly every program of a test exceeds.

import { regionMemory, type TranslationLimits } from '../regions/region-budget.ts';

/** Bytes of WebAssembly of a small region. */
const SMALL = 1000;

/** Room for so many small regions. */
export function fewRegions(count: number): TranslationLimits {
  return { most: count * regionMemory(SMALL), atRest: count * regionMemory(SMALL) };
}
