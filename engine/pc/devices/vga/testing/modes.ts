// The register values of the BIOS modes (IBM VGA Technical Reference, "register values by mode"), and of 320 × 240 in unchained planes. Text
// is without blinking and line graphics here, of which QEMU has no or another idea, and with eight dots in 40 columns.

export interface ModeRegisters {
  output: number;
  sequencer: readonly number[];
  crtc: readonly number[];
  graphics: readonly number[];
  attribute: readonly number[];
}

const bytes = (text: string): number[] => text.split(' ').map((byte) => Number.parseInt(byte, 16));

function mode(output: string, sequencer: string, crtc: string, graphics: string, attribute: string): ModeRegisters {
  return {
    output: Number.parseInt(output, 16),
    sequencer: bytes(`03 ${sequencer}`),
    crtc: bytes(crtc),
    graphics: bytes(graphics),
    attribute: bytes(attribute),
  };
}

const COLORS = '00 01 02 03 04 05 14 07 38 39 3a 3b 3c 3d 3e 3f';
const CGA_COLORS = '00 01 02 03 04 05 06 07 10 11 12 13 14 15 16 17';
const NO_CURSOR = '00 00 00 00 00 00';

export const MODES = {
  'text 40x25': mode(
    '67',
    '09 03 00 02',
    '2d 27 28 90 2b a0 bf 1f 00 4f 2d 0e 00 00 00 00 9c 8e 8f 14 1f 96 b9 a3 ff',
    '00 00 00 00 00 10 0e 00 ff',
    `${COLORS} 00 00 0f 08 00`,
  ),
  'text 80x25': mode(
    '67',
    '00 03 00 02',
    '5f 4f 50 82 55 81 bf 1f 00 4f 2d 0e 00 00 00 00 9c 8e 8f 28 1f 96 b9 a3 ff',
    '00 00 00 00 00 10 0e 00 ff',
    `${COLORS} 00 00 0f 08 00`,
  ),
  'text 80x50': mode(
    '67',
    '01 03 00 02',
    '5f 4f 50 82 55 81 bf 1f 00 47 2d 0e 00 00 00 00 9c 8e 8f 28 1f 96 b9 a3 ff',
    '00 00 00 00 00 10 0e 00 ff',
    `${COLORS} 00 00 0f 00 00`,
  ),
  '4': mode(
    '63',
    '09 03 00 02',
    `2d 27 28 90 2b 80 bf 1f 00 c1 ${NO_CURSOR} 9c 8e 8f 14 00 96 b9 a2 ff`,
    '00 00 00 00 00 30 0f 0f ff',
    '00 13 15 17 02 04 06 07 10 11 12 13 14 15 16 17 01 00 03 00 00',
  ),
  '6': mode(
    '63',
    '01 01 00 06',
    `5f 4f 50 82 54 80 bf 1f 00 c1 ${NO_CURSOR} 9c 8e 8f 28 00 96 b9 c2 ff`,
    '00 00 00 00 00 00 0d 0f ff',
    '00 17 17 17 17 17 17 17 17 17 17 17 17 17 17 17 01 00 01 00 00',
  ),
  D: mode(
    '63',
    '09 0f 00 06',
    `2d 27 28 90 2b 80 bf 1f 00 c0 ${NO_CURSOR} 9c 8e 8f 14 00 96 b9 e3 ff`,
    '00 00 00 00 00 00 05 0f ff',
    `${CGA_COLORS} 01 00 0f 00 00`,
  ),
  E: mode(
    '63',
    '01 0f 00 06',
    `5f 4f 50 82 54 80 bf 1f 00 c0 ${NO_CURSOR} 9c 8e 8f 28 00 96 b9 e3 ff`,
    '00 00 00 00 00 00 05 0f ff',
    `${CGA_COLORS} 01 00 0f 00 00`,
  ),
  F: mode(
    'a3',
    '01 0f 00 06',
    `5f 4f 50 82 54 80 bf 1f 00 40 ${NO_CURSOR} 83 85 5d 28 0f 63 ba e3 ff`,
    '00 00 00 00 00 00 05 05 ff',
    '00 08 00 00 18 18 00 00 00 08 00 00 00 18 00 00 03 00 05 00 00',
  ),
  '10': mode(
    'a3',
    '01 0f 00 06',
    `5f 4f 50 82 54 80 bf 1f 00 40 ${NO_CURSOR} 83 85 5d 28 0f 63 ba e3 ff`,
    '00 00 00 00 00 00 05 0f ff',
    `${COLORS} 01 00 0f 00 00`,
  ),
  '11': mode(
    'e3',
    '01 0f 00 06',
    `5f 4f 50 82 54 80 0b 3e 00 40 ${NO_CURSOR} ea 8c df 28 00 e7 04 c3 ff`,
    '00 00 00 00 00 00 05 01 ff',
    '00 3f 3f 3f 3f 3f 3f 3f 3f 3f 3f 3f 3f 3f 3f 3f 01 00 01 00 00',
  ),
  '12': mode(
    'e3',
    '01 0f 00 06',
    `5f 4f 50 82 54 80 0b 3e 00 40 ${NO_CURSOR} ea 8c df 28 00 e7 04 e3 ff`,
    '00 00 00 00 00 00 05 0f ff',
    `${COLORS} 01 00 0f 00 00`,
  ),
  '13': mode(
    '63',
    '01 0f 00 0e',
    `5f 4f 50 82 54 80 bf 1f 00 41 ${NO_CURSOR} 9c 8e 8f 28 40 96 b9 a3 ff`,
    '00 00 00 00 00 40 05 0f ff',
    '00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 41 00 0f 00 00',
  ),
  X: mode(
    'e3',
    '01 0f 00 06',
    `5f 4f 50 82 54 80 0d 3e 00 41 ${NO_CURSOR} ea ac df 28 00 e7 06 e3 ff`,
    '00 00 00 00 00 40 05 0f ff',
    '00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 41 00 0f 00 00',
  ),
} as const satisfies Record<string, ModeRegisters>;

export type ModeName = keyof typeof MODES;
