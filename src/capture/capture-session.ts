// One packet capture on a host as the console holds it: started, read four times a second while it is on the screen,
// stopped, discarded. Outside of React, so that it goes on while another tab is in front.
import type { CaptureLine, CaptureScope, HostApi } from '../../engine/host/api.ts';
import { appendLines, FOLLOWED, READ } from './capture-lines.ts';

type CaptureApi = Pick<HostApi, 'startCapture' | 'readCapture' | 'captureFile' | 'stopCapture' | 'discardCapture'>;

export interface CaptureTarget {
  hostId: string;
  scope: CaptureScope;
  /** Shown to the user: the VM's name, or the host's. */
  label: string;
}

export interface CaptureState {
  phase: 'starting' | 'running' | 'stopped' | 'failed';
  lines: readonly CaptureLine[];
  /** Frames captured so far. */
  captured: number;
  /** Those that the host had to forget. */
  dropped: number;
  /** User-facing message: what failed. */
  problem?: string;
}

const INITIAL: CaptureState = { phase: 'starting', lines: [], captured: 0, dropped: 0 };
const POLL_MS = 250;

export class CaptureSession {
  readonly target: CaptureTarget;
  readonly #connect: () => CaptureApi;
  readonly #listeners = new Set<() => void>();
  #state = INITIAL;
  #capture: { api: CaptureApi; id: string } | undefined;
  #following = true;
  #reading = false;
  #discarded = false;

  /** @param connect gives the host; may throw: the state says why */
  constructor(target: CaptureTarget, connect: () => CaptureApi) {
    this.target = target;
    this.#connect = connect;
    void this.#start();
  }

  /** The same object while nothing changes. */
  get state(): CaptureState {
    return this.#state;
  }

  /** Returns the unsubscribe function. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** It is on the screen from now on. Returns the function that says it is not any more. */
  show(): () => void {
    const timer = setInterval(() => void this.#read(), POLL_MS);
    return () => clearInterval(timer);
  }

  /** Whether the newest rows are watched; else older ones are kept for reading. */
  follow(following: boolean): void {
    this.#following = following;
  }

  /** Takes no more frames; what there is can be read and saved. */
  async stop(): Promise<void> {
    await this.#attempt(async ({ api, id }) => {
      await api.stopCapture(id);
      await this.#read();
      this.#change({ phase: 'stopped' });
    });
  }

  /** As a pcapng file; undefined if it cannot be had: the state says why. */
  async file(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let file: Uint8Array<ArrayBuffer> | undefined;
    await this.#attempt(async ({ api, id }) => {
      file = await api.captureFile(id);
    });
    return file;
  }

  /** The host forgets it. A host that has gone has forgotten it already. */
  discard(): void {
    this.#discarded = true;
    void this.#capture?.api.discardCapture(this.#capture.id).catch(() => {});
  }

  async #start(): Promise<void> {
    try {
      const api = this.#connect();
      this.#capture = { api, id: await api.startCapture(this.target.scope) };
      if (this.#discarded) this.discard();
      this.#change({ phase: 'running' });
    } catch (error) {
      this.#change({ phase: 'failed', problem: (error as Error).message });
    }
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#state.phase !== 'running') return;
    this.#reading = true;
    await this.#attempt(async ({ api, id }) => {
      const last = this.#state.lines.at(-1)?.number ?? 0;
      const { lines: fresh, captured, dropped } = await api.readCapture(id, last, FOLLOWED);
      if (captured === this.#state.captured && fresh.length === 0) return;
      const lines = appendLines(this.#state.lines, fresh, this.#following ? FOLLOWED : READ);
      this.#change({ lines, captured, dropped });
    });
    this.#reading = false;
  }

  async #attempt(work: (capture: { api: CaptureApi; id: string }) => Promise<void>): Promise<void> {
    if (!this.#capture || this.#discarded) return;
    try {
      await work(this.#capture);
    } catch (error) {
      this.#change({ phase: 'failed', problem: (error as Error).message });
    }
  }

  #change(part: Partial<CaptureState>): void {
    this.#state = { ...this.#state, ...part };
    for (const listener of this.#listeners) listener();
  }
}
