// One drive of a VM in the block worker: what lies in it, what was counted, and what is wrong with it. It outlives the queues by which
// instances of the VM reach it.

import { type BlockFailure, type Medium, SECTOR } from '../../pc/bus/block.ts';
import type { MediumSpec } from '../spec/spec.ts';
import { type BlockBackend, MediumError } from './block-backend.ts';
import type { DriveCounters, SlotRequest } from './disk-queue.ts';
import type { MediumInfo } from './medium-info.ts';
import type { DriveBay, ServedDrive } from './served-drive.ts';

export interface OpenMedium {
  spec: MediumSpec;
  backend: BlockBackend;
}

export class Bay implements DriveBay {
  /** Of the attachments; one of them at most is served. */
  readonly served = new Set<ServedDrive>();
  readonly #onProblem: (title: string, detail: string) => void;
  readonly #counters: DriveCounters = { reads: 0, writes: 0, bytesRead: 0, bytesWritten: 0, errors: 0 };
  #open: OpenMedium | undefined;
  #mediumCount = 1;
  /** The last failure has been reported, and nothing has succeeded since. */
  #reported = false;

  /** `onProblem`: `title` begins with the name of the medium. */
  constructor(onProblem: (title: string, detail: string) => void) {
    this.#onProblem = onProblem;
  }

  get spec(): MediumSpec | undefined {
    return this.#open?.spec;
  }

  get backend(): BlockBackend | undefined {
    return this.#open?.backend;
  }

  get mediumCount(): number {
    return this.#mediumCount;
  }

  set mediumCount(count: number) {
    this.#mediumCount = count;
    this.#show();
  }

  get medium(): Medium | undefined {
    return this.#open && mediumInfo(this.#open);
  }

  count({ kind, length }: SlotRequest, failure: BlockFailure | undefined): void {
    const counters = this.#counters;
    if (failure) counters.errors++;
    else if (kind === 'read') {
      counters.reads++;
      counters.bytesRead += length;
    } else if (kind === 'write') {
      counters.writes++;
      counters.bytesWritten += length;
    }
    if (!failure && kind === 'read') this.#reported = false;
    for (const { queue } of this.served) this.#showFigures(queue);
  }

  failed(error: unknown): void {
    if (this.#reported) return;
    this.#reported = true;
    const { name } = this.#open?.spec ?? { name: 'its medium' };
    const reason = error instanceof Error ? error.message : String(error);
    const gone = error instanceof MediumError && error.failure === 'gone';
    const title = gone ? `${name} is not what it was` : `${name} cannot be read or written`;
    const advice = gone ? 'The guest gets errors from this drive. Power the VM off, and put the file in anew.' : '';
    this.#onProblem(title, `${capitalized(reason.replace(/\.$/, ''))}. ${advice}`.trim());
  }

  ejectedByGuest(mediumCount: number): void {
    // One that the user has changed meanwhile stays; the guest is notified of it.
    if (mediumCount === this.#mediumCount) void this.exchange(undefined);
    else this.mediumCount = this.#mediumCount + 1;
  }

  /** Another medium lies in the drive from now on, or none. Resolves when the one before is closed. */
  async exchange(open: OpenMedium | undefined): Promise<void> {
    const before = this.#open;
    this.#open = open;
    this.#reported = false;
    this.mediumCount = (this.#mediumCount + 1) | 0;
    // What has not begun finds another medium, and is refused.
    await Promise.all([...this.served].map((drive) => drive.settled()));
    await before?.backend.close();
  }

  /** As a queue that was just attached sees it. */
  show({ queue }: ServedDrive): void {
    queue.showMedium({ count: this.#mediumCount, medium: this.medium });
    this.#showFigures(queue);
  }

  #show(): void {
    for (const drive of this.served) this.show(drive);
  }

  #showFigures(queue: ServedDrive['queue']): void {
    queue.showFigures({ ...this.#counters, overlayBytes: this.#open?.backend.overlayBytes ?? 0 });
  }
}

export function mediumInfo({ spec, backend }: OpenMedium): MediumInfo {
  const size = Math.ceil(backend.size / SECTOR) * SECTOR;
  return { size, readOnly: backend.readOnly || spec.readOnly === true };
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
