// Counts the pictures that an engine paints on a canvas: every engine ends with putImageData. Partial paintings of one picture are one, since
// the guest's first pixels differ from picture to picture.

/** How many pixels make a picture another one (bench/animation). */
const PIXELS = 8;

/** A canvas in the page whose context is the engine's as well. */
export function countedCanvas(options?: CanvasRenderingContext2DSettings): {
  canvas: HTMLCanvasElement;
  frames(): number;
} {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', options);
  if (!context) throw new Error('There is no 2D canvas here.');
  const put = context.putImageData.bind(context);
  let frames = 0;
  let last: readonly number[] = [];
  context.putImageData = (image: ImageData, ...place: number[]) => {
    const { data } = image;
    const first = [...new Uint32Array(data.buffer, data.byteOffset, Math.min(PIXELS, data.length >> 2))];
    if (first.some((pixel, at) => pixel !== last[at])) frames++;
    last = first;
    (put as (image: ImageData, ...place: number[]) => void)(image, ...place);
  };
  return { canvas, frames: () => frames };
}
