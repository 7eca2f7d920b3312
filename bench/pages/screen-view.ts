// The screen of a VM of ours on a canvas, every frame of the page, as the console's (which is no part of the bench) does it: what has changed
// is read from the host when there is something, drawn, and put.
import { NO_BLINK } from '../../engine/pc/display/blink.ts';
import { ScreenFollower } from '../../workers/screen-follower.ts';
import type { TabvisorHosts } from '../engines/tabvisor-hosts.ts';

/** Returns the function that ends it. */
export function viewScreen({ api, vmId, onNews }: TabvisorHosts['firstScreen'], canvas: HTMLCanvasElement): () => void {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('There is no 2D canvas here.');
  const follower = new ScreenFollower((fresh) => api.readScreen(vmId, { fresh, share: true }), paint, {
    frame: () => new Promise((resolve) => requestAnimationFrame(() => resolve())),
    delay: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  const view = follower.open();
  let image: ImageData | undefined;
  function paint(): void {
    const lines = view.render(NO_BLINK);
    const { width, height, pixels } = view.target;
    if (width === 0 || height === 0) return;
    if (image?.width !== width || image.height !== height || image.data.buffer !== pixels.buffer)
      image = new ImageData(new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, 4 * width * height), width, height);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    for (const { first, count } of lines) context?.putImageData(image, 0, 0, 0, first, width, count);
  }
  const stopNews = onNews(() => follower.pull());
  document.body.append(canvas);
  follower.pull();
  return () => {
    stopNews();
    follower.stop();
    void api.closeScreen(vmId);
    view.close();
    canvas.remove();
  };
}
