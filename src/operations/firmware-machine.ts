// What a machine that boots from drives has beside these: firmware, a screen or memory for text in its place, and what systems
// that come with firmware expect of a PC.
import type { ImageSource, VmSpec } from '../../engine/host/api.ts';
import type { DeviceSpec } from '../../engine/pc/bus/device-model.ts';
import { APIC_DEVICES, STANDARD_DEVICES } from '../../engine/vmkernel/spec/machine-spec.ts';
import type { FirmwareImages } from '../session/catalogue.ts';

export type ScreenModel = 'VGA' | 'none';

export const SCREEN = 'VGA';
/** A screen, and a pointer that need not be captured over it where the guest has a driver for it. */
export const SCREEN_DEVICES: readonly DeviceSpec[] = [{ model: SCREEN }, { model: 'virtio-tablet' }];
/** What programs write text to where there is no screen. */
const NO_SCREEN = 'text-memory';

/** A ROM that the user chose in place of the site's BIOS. */
export interface OwnRom {
  image: ImageSource;
  sizeKiB: number;
}

export function firmwareMachine(
  { bios, biosKiB, vgaBios, vgaBiosKiB }: FirmwareImages,
  screen: ScreenModel,
  own: OwnRom = { image: bios, sizeKiB: biosKiB },
): Pick<VmSpec, 'firmware' | 'devices'> {
  const hasScreen = screen === SCREEN;
  return {
    firmware: { ...own, ...(hasScreen && { roms: [{ model: SCREEN, image: vgaBios, sizeKiB: vgaBiosKiB }] }) },
    devices: [...STANDARD_DEVICES, ...APIC_DEVICES, ...(hasScreen ? SCREEN_DEVICES : [{ model: NO_SCREEN }])],
  };
}
