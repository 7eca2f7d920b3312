// The screen as a picture in a file.
import { stillPicture } from '../../workers/screen-follower.ts';
import { saveFile } from '../session/save-file.ts';
import { watchScreen } from '../session/vm-screen.ts';

/** Saves what the screen shows as a PNG. False: there is no picture. */
export async function saveScreenshot(vmId: string, name: string): Promise<boolean> {
  const watched = watchScreen(vmId, { onChange() {} });
  const picture = stillPicture(watched.follower);
  watched.close();
  if (!picture) return false;
  const { width, height, pixels } = picture;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer, 0, width * height * 4), width, height);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) return false;
  saveFile(`${name}.png`, new Uint8Array(await blob.arrayBuffer()), 'image/png');
  return true;
}
