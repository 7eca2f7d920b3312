// Sends what a person types to wherever the VM is, in order. During a switch-over the old host no longer takes it and the
// new one is not known yet: it is offered again for a while.
import { apiOf } from '../session/connections.ts';
import { useConsole } from '../state/store.ts';

const ATTEMPTS = 20;
const RETRY_MS = 100;

export class SerialInput {
  readonly #vmId: string;
  readonly #onRefused: (reason: string) => void;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #sending = false;

  /** @param onRefused told why input could not be delivered; that input is gone */
  constructor(vmId: string, onRefused: (reason: string) => void) {
    this.#vmId = vmId;
    this.#onRefused = onRefused;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(bytes);
    if (!this.#sending) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    while (this.#waiting.length > 0) {
      const pieces = this.#waiting;
      this.#waiting = [];
      await this.#deliver(join(pieces));
    }
    this.#sending = false;
  }

  async #deliver(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const vm = useConsole.getState().fleet.vms[this.#vmId];
      try {
        if (!vm) throw new Error('The VM is no longer there.');
        return await apiOf(vm.hostId).serialInput(this.#vmId, bytes);
      } catch (error) {
        const alive = vm !== undefined && vm.power !== 'off' && vm.power !== 'crashed';
        if (!alive || attempt === ATTEMPTS) return this.#onRefused((error as Error).message);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

function join(pieces: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
