// A controller with its DMA controllers, drives and guest memory on a bench. Tests only.
import { FLOPPY_DRIVE } from '../../../bus/floppy-formats.ts';
import { Transfers } from '../../../bus/transfers.ts';
import { Dma } from '../../dma/dma.ts';
import type { DmaState } from '../../dma/persist.ts';
import { recordedLine, TestBench } from '../../testing/test-bench.ts';
import { TestDrive } from '../../testing/test-drive.ts';
import { GuestRam } from '../../virtio/testing/guest-ram.ts';
import { FloppyDrive } from '../drive.ts';
import { FloppyController } from '../floppy-controller.ts';
import type { FloppyControllerState } from '../persist.ts';

export interface BenchState {
  floppy: FloppyControllerState;
  dma: DmaState;
}

export class FloppyBench extends TestBench {
  readonly ram = new GuestRam(0x100000);
  readonly transfers = new Transfers(this.ram);
  readonly irq = recordedLine();
  readonly dma = new Dma({ memory: this.transfers.memory, transfers: this.transfers, cascadeSetUp: true });
  readonly media: readonly TestDrive[];
  readonly drives: readonly FloppyDrive[];
  readonly controller: FloppyController;

  /** `media`: of drives A and B. */
  constructor(media: readonly TestDrive[], types: readonly number[] = []) {
    super();
    this.media = media;
    this.controller = new FloppyController({
      clock: this.clock,
      irq: this.irq,
      dma: this.dma.channel(2),
      running: true,
    });
    this.drives = media.map((medium, unit) => new FloppyDrive(types[unit] ?? FLOPPY_DRIVE.none, () => medium));
    for (const [unit, drive] of this.drives.entries()) this.controller.connectDrive(unit, drive);
    this.dma.attach(this.ports);
    this.controller.attach(this.ports);
    this.dma.reset();
    this.controller.reset();
  }

  /** Lets everything happen that is due: time, what was asked of media, transfers. */
  settle(): void {
    for (let i = 0; i < 400; i++) {
      this.advance(1e6);
      const answered = this.media.reduce((count, medium) => count + medium.answerAll(), 0);
      const due = this.transfers.due;
      this.transfers.runPending();
      if (answered === 0 && !due && this.clock.nextDeadline() === undefined) return;
    }
    throw new Error('the controller never comes to rest');
  }

  /** One step of `settle`: a timer, an answer or the transfers. */
  step(): void {
    const waiting = this.media.find((medium) => medium.waiting.length > 0);
    if (waiting) waiting.answer();
    else if (this.transfers.due) this.transfers.runPending();
    else this.advance(1e5);
  }

  save(): BenchState {
    return structuredClone({ floppy: this.controller.save(), dma: this.dma.save() });
  }

  /** A bench with the same media and memory that goes on from here. */
  moved(): FloppyBench {
    const other = new FloppyBench(
      this.media.map((medium) => {
        const copy = new TestDrive(medium.medium && medium.bytes, medium.medium?.readOnly);
        copy.mediumCount = medium.mediumCount;
        return copy;
      }),
      this.drives.map(({ type }) => type),
    );
    const state = this.save();
    other.ram.bytes.set(this.ram.bytes);
    other.clock.pause();
    other.clock.restore(this.clock.save());
    other.dma.restore(state.dma);
    other.controller.restore(state.floppy);
    other.clock.resume();
    return other;
  }

  // ---- As a driver

  command(...bytes: number[]): void {
    for (const byte of bytes) this.out(0x3f5, byte);
  }

  /** The result, without the wait for it. */
  results(): number[] {
    const bytes: number[] = [];
    while ((this.in(0x3f4) & 0xc0) === 0xc0 && bytes.length < 32) bytes.push(this.in(0x3f5));
    return bytes;
  }

  /** A command, what comes of it, and its result. */
  run(...bytes: number[]): number[] {
    this.command(...bytes);
    this.settle();
    return this.results();
  }

  /** SENSE INTERRUPT STATUS. */
  sense(): number[] {
    this.command(0x08);
    return this.results();
  }

  /** Channel 2. `mode`: 46h to memory, 4Ah from memory. */
  programDma(mode: number, address: number, length: number): void {
    const count = length - 1;
    this.out(0x0a, 6);
    this.out(0x0c, 0);
    for (const byte of [address & 0xff, (address >> 8) & 0xff]) this.out(0x04, byte);
    for (const byte of [count & 0xff, count >> 8]) this.out(0x05, byte);
    this.out(0x81, address >> 16);
    this.out(0x0b, mode);
    this.out(0x0a, 2);
  }
}
