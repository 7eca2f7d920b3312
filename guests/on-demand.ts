// The guests that are made only when asked for by name: `npm run guests -- NAME`.
import type { GuestRecipe } from './packages/guest-recipe.ts';
import { grubRescue, ipxe, memtest } from './rescue/recipe.ts';

interface OnDemandGuest extends GuestRecipe {
  /** The folder of guests/ that has its recipe. */
  sources: string;
}

/** By name. */
export const ON_DEMAND_GUESTS: Readonly<Record<string, OnDemandGuest>> = {
  'grub-rescue': { ...grubRescue, sources: 'rescue' },
  ipxe: { ...ipxe, sources: 'rescue' },
  memtest: { ...memtest, sources: 'rescue' },
};
