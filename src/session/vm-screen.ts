// The screens that this console shows: one follower for each VM, however many views draw from it, each at the rate that its views ask
// for. It follows the VM from host to host.

import { ScreenFollower } from '../../workers/screen-follower.ts';
import { hostIdOf, useConsole } from '../state/store.ts';
import { screenNews } from '../state/vm-news.ts';
import { apiOf } from './connections.ts';

/** Between two pictures of views that need no more, ms. */
const THUMBNAIL_MS = 1000;

export interface ScreenWatcher {
  /** Something is to be drawn, or the VM is off. */
  onChange(): void;
  /** Where every frame is shown; without it a picture a second will do. */
  window?: Window;
}

class WatchedScreen {
  readonly watchers = new Set<ScreenWatcher>();
  readonly follower: ScreenFollower;
  readonly #stops: (() => void)[];
  readonly #vmId: string;
  #lastFrame = 0;
  #watchersChanged = () => {};

  constructor(vmId: string) {
    this.#vmId = vmId;
    const hostOf = () => hostIdOf(vmId);
    let host = hostOf();
    this.follower = new ScreenFollower(
      async (fresh) => {
        const hostId = hostOf() ?? '';
        const share = useConsole.getState().fleet.hosts[hostId]?.local === true;
        return apiOf(hostId).readScreen(vmId, { fresh, share, compress: !share });
      },
      () => {
        for (const watcher of [...this.watchers]) watcher.onChange();
      },
      { frame: () => this.#frame(), delay: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    );
    this.#stops = [
      () => this.follower.stop(),
      screenNews.on(vmId, () => this.follower.pull()),
      useConsole.subscribe(() => {
        if (hostOf() === host) return;
        host = hostOf();
        if (host) this.follower.moved();
      }),
    ];
  }

  watch(watcher: ScreenWatcher): void {
    this.watchers.add(watcher);
    watcher.window?.document.addEventListener('visibilitychange', this.#seenOrHidden);
    this.#watchersChanged();
    this.follower.pull();
  }

  leave(watcher: ScreenWatcher): void {
    this.watchers.delete(watcher);
    watcher.window?.document.removeEventListener('visibilitychange', this.#seenOrHidden);
    this.#watchersChanged();
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#tellHost();
  }

  /** Pages that are hidden show no frames: their host is not to look out for them. */
  readonly #seenOrHidden = (): void => {
    const hidden = [...this.watchers].every(({ window = globalThis.window }) => window.document.hidden);
    if (!hidden) this.follower.pull();
    else {
      this.follower.rested();
      this.#tellHost();
    }
  };

  /** A host that does not answer, or has the VM no more, has nothing to forget. */
  #tellHost(): void {
    const tell = async () => {
      const hostId = hostIdOf(this.#vmId);
      if (hostId) await apiOf(hostId).closeScreen(this.#vmId);
    };
    tell().catch(() => {});
  }

  /** The next frame of a window that shows it, or the end of a second if all views are small. */
  async #frame(): Promise<void> {
    while (!this.#isLive()) {
      const left = this.#lastFrame + THUMBNAIL_MS - performance.now();
      if (left <= 0) break;
      await Promise.race([new Promise((resolve) => setTimeout(resolve, left)), this.#newWatchers()]);
    }
    if (this.#isLive()) await Promise.race([...this.#frames(), this.#newWatchers()]);
    this.#lastFrame = performance.now();
  }

  #isLive(): boolean {
    return [...this.watchers].some(({ window }) => window);
  }

  #frames(): Promise<unknown>[] {
    return [...this.watchers].flatMap(({ window }) =>
      window ? [new Promise((resolve) => window.requestAnimationFrame(resolve))] : [],
    );
  }

  /** A view has come, which may ask for more, or gone, whose window gives no frame any more. */
  #newWatchers(): Promise<void> {
    return new Promise((resolve) => {
      this.#watchersChanged = resolve;
    });
  }
}

const screens = new Map<string, WatchedScreen>();

/** Shows the VM's screen to one more view. Returns what it draws from, and the function that ends it. */
export function watchScreen(vmId: string, watcher: ScreenWatcher): { follower: ScreenFollower; close(): void } {
  const screen = screens.get(vmId) ?? new WatchedScreen(vmId);
  screens.set(vmId, screen);
  screen.watch(watcher);
  return {
    follower: screen.follower,
    close() {
      screen.leave(watcher);
      // The view that takes its place comes in the same turn.
      setTimeout(() => {
        if (screen.watchers.size > 0 || screens.get(vmId) !== screen) return;
        screen.close();
        screens.delete(vmId);
      });
    },
  };
}
