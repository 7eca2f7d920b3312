// GET CONFIGURATION: what the drive can do, and what of it with the present disc (MMC-5, §5.3 and §6.6).

import { bytesOf16, bytesOf32 } from './bytes.ts';
import { BLOCK_SIZE, PROFILE_CD_ROM, PROFILE_DVD_ROM } from './disc.ts';

interface Feature {
  code: number;
  version: number;
  /** Always current. */
  persistent: boolean;
  current(profile: number): boolean;
  data(profile: number): readonly number[];
}

const always = () => true;
const isDisc = (profile: number) => profile !== 0;
const isCurrent = (own: number) => (profile: number) => profile === own;
const nothing = () => [];

const FEATURES: readonly Feature[] = [
  {
    code: 0x0000, // profile list
    version: 0,
    persistent: true,
    current: always,
    data: (profile) =>
      [PROFILE_DVD_ROM, PROFILE_CD_ROM].flatMap((own) => [...bytesOf16(own), own === profile ? 1 : 0, 0]),
  },
  // Core: ATAPI, device busy events
  { code: 0x0001, version: 2, persistent: true, current: always, data: () => [...bytesOf32(2), 1, 0, 0, 0] },
  // Removable medium: tray, can eject and lock
  { code: 0x0003, version: 0, persistent: true, current: always, data: () => [0x29, 0, 0, 0] },
  {
    code: 0x0010, // random readable: block size, blocks that are read at once
    version: 0,
    persistent: false,
    current: isDisc,
    data: (profile) => [...bytesOf32(BLOCK_SIZE), ...bytesOf16(profile === PROFILE_DVD_ROM ? 16 : 1), 0, 0],
  },
  // CD read: neither error pointers nor CD-Text
  { code: 0x001e, version: 2, persistent: false, current: isCurrent(PROFILE_CD_ROM), data: () => [0, 0, 0, 0] },
  { code: 0x001f, version: 0, persistent: false, current: isCurrent(PROFILE_DVD_ROM), data: nothing }, // DVD read
  { code: 0x0100, version: 0, persistent: true, current: always, data: nothing }, // power management
  { code: 0x0105, version: 0, persistent: true, current: always, data: nothing }, // timeout
];

const ONLY_CURRENT = 1;
const ONLY_ONE = 2;

/** `type`: all features, the current ones or only `first`; `first`: the code from which on. */
export function configuration(profile: number, type: number, first: number): Uint8Array {
  const wanted = FEATURES.filter((feature) => {
    if (type === ONLY_ONE) return feature.code === first;
    return feature.code >= first && (type !== ONLY_CURRENT || feature.current(profile));
  });
  const list = wanted.flatMap((feature) => {
    const data = feature.data(profile);
    const flags = (feature.version << 2) | (feature.persistent ? 2 : 0) | (feature.current(profile) ? 1 : 0);
    return [...bytesOf16(feature.code), flags, data.length, ...data];
  });
  return Uint8Array.of(...bytesOf32(list.length + 4), 0, 0, ...bytesOf16(profile), ...list);
}
