// A picture of the machine's screen, and the files that it is kept in: PPM (netpbm, "ppm", the raw form) and PNG (W3C, Portable Network
// Graphics, third edition).

import { zlibSync } from 'fflate';
import { PAGE_SIZE } from '../../engine/base/sizes.ts';
import type { HostApi, ScreenChunk } from '../../engine/host/api.ts';
import type { DisplayState } from '../../engine/pc/bus/display.ts';
import { NO_BLINK } from '../../engine/pc/display/blink.ts';
import { renderDisplay } from '../../engine/pc/display/render.ts';
import { displayTarget } from '../../engine/pc/display/target.ts';
import { crc32 } from '../../engine/pc/firmware/crc32.ts';

export interface ScreenPicture {
  width: number;
  height: number;
  /** Row by row, three bytes a pixel: red, green, blue. */
  rgb: Uint8Array<ArrayBuffer>;
}

/** Rejects with an Error for the user if there is no picture. */
export async function takePicture(read: (fresh: boolean) => ReturnType<HostApi['readScreen']>): Promise<ScreenPicture> {
  let state: DisplayState | undefined;
  let vram = new Uint8Array(0);
  let chunk: ScreenChunk;
  let reads = 0;
  do {
    chunk = await read(state === undefined);
    if (chunk.off) throw new Error('The machine is off');
    state = chunk.state ?? state;
    if (!state) throw new Error('The machine has shown nothing yet');
    if (vram.length !== state.memory.pages * PAGE_SIZE) vram = new Uint8Array(state.memory.pages * PAGE_SIZE);
    for (const [n, page] of chunk.pages.entries())
      vram.set(chunk.bytes.subarray(n * PAGE_SIZE, (n + 1) * PAGE_SIZE), page * PAGE_SIZE);
    // A guest that draws all the time always has more.
  } while (chunk.more && ++reads < MAXIMUM_READS);
  const target = displayTarget();
  renderDisplay(state, vram, 'all', NO_BLINK, target);
  return stretched(target);
}

/** With square pixels: small modes are shown with each pixel several dots wide and high. */
function stretched({ width, height, scaleX, scaleY, pixels }: ReturnType<typeof displayTarget>): ScreenPicture {
  const rgba = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const shown = { width: width * scaleX, height: height * scaleY };
  const rgb = new Uint8Array(shown.width * shown.height * 3);
  for (let y = 0, to = 0; y < shown.height; y++) {
    const row = Math.floor(y / scaleY) * width;
    for (let x = 0; x < shown.width; x++) {
      const from = 4 * (row + Math.floor(x / scaleX));
      rgb[to++] = rgba[from];
      rgb[to++] = rgba[from + 1];
      rgb[to++] = rgba[from + 2];
    }
  }
  return { ...shown, rgb };
}

/** Enough for all of the video memory a few times. */
const MAXIMUM_READS = 16;

export type PictureFormat = 'ppm' | 'png';

export function pictureFile(picture: ScreenPicture, format: PictureFormat): Uint8Array {
  return format === 'png' ? png(picture) : ppm(picture);
}

function ppm({ width, height, rgb }: ScreenPicture): Uint8Array {
  return Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), rgb]);
}

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** §11.2.1, IHDR: eight bits a sample, colour type 2 (red, green, blue), no interlacing. */
const PNG_KIND = [8, 2, 0, 0, 0];

function png({ width, height, rgb }: ScreenPicture): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Each line begins with its filter: none (§9.2).
  const lines = new Uint8Array(height * (3 * width + 1));
  for (let y = 0; y < height; y++) lines.set(rgb.subarray(3 * width * y, 3 * width * (y + 1)), y * (3 * width + 1) + 1);
  return Buffer.concat([
    Uint8Array.from(PNG_SIGNATURE),
    pngChunk('IHDR', Buffer.concat([header, Uint8Array.from(PNG_KIND)])),
    pngChunk('IDAT', zlibSync(lines)),
    pngChunk('IEND', new Uint8Array()),
  ]);
}

/** §5.3: length, type, data, CRC of type and data. */
function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const around = Buffer.alloc(4);
  around.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body) >>> 0);
  return Buffer.concat([around, body, sum]);
}
