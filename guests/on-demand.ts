// The guests that are made only when asked for by name: `npm run guests -- NAME`.
import { debianDisk } from './debian-disk/recipe.ts';
import { installer } from './installer/recipe.ts';
import type { GuestRecipe } from './packages/guest-recipe.ts';
import { grubRescue, ipxe, memtest } from './rescue/recipe.ts';

interface OnDemandGuest extends GuestRecipe {
  /** The folder of guests/ that has its recipe. */
  sources: string;
}

/** By name. */
export const ON_DEMAND_GUESTS: Readonly<Record<string, OnDemandGuest>> = {
  'debian-disk': { ...debianDisk, sources: 'debian-disk' },
  'grub-rescue': { ...grubRescue, sources: 'rescue' },
  installer: { ...installer, sources: 'installer' },
  ipxe: { ...ipxe, sources: 'rescue' },
  memtest: { ...memtest, sources: 'rescue' },
};
