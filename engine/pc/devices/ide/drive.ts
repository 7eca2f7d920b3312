// What disks and CD drives have in common as ATA devices: task file, interrupt, the buffer and the ways it is filled and emptied.
//
// A command goes through phases. `idle`: none is in progress, or it is over. `data-in` and `data-out`: the guest moves the
// buffer through the data register, one DRQ block after the other. `dma-in` and `dma-out`: the bus master moves it. `medium`: a
// request to the medium is on its way, and the drive is busy. The phase is part of the saved form: a request that was on its
// way is submitted again when the drive is restored.

import type { BlockDrive, BlockPort, BlockRequest, BlockResult } from '../../bus/block.ts';
import { StateError } from '../../bus/device.ts';
import type { DriveState, Phase } from './persist.ts';
import { ABRT, BSY, DIAGNOSTIC_PASSED, DRDY, DRQ, DSC, ERR, emptyTaskFile, OBSOLETE } from './registers.ts';

/** Bytes of the drive's buffer: the most that one request to the medium moves. */
export const BUFFER_SIZE = 128 * 1024;

/** What a drive's channel is to it. */
export interface DriveHost {
  /** Its interrupt may have changed. */
  interruptChanged(): void;
  /** It waits for the bus master. */
  dmaRequested(): void;
}

/** What a command handler is given is in the task file. */
export type AtaCommand = () => void;

export abstract class AtaDrive implements BlockDrive {
  readonly file = emptyTaskFile();
  protected readonly buffer = new Uint8Array(BUFFER_SIZE);
  protected host: DriveHost = { interruptChanged() {}, dmaRequested() {} };
  protected mediumCount = 0;
  protected standby = false;
  protected transferMode = 0;
  #port: BlockPort | undefined;
  #interrupt = false;
  #phase: Phase = 'idle';
  /** Bytes that the buffer holds or will hold. */
  #length = 0;
  #position = 0;
  #blockEnd = 0;
  #block = 0;
  /** Data up to here can be read through the data register without any further thought: 0 except in `data-in`. */
  #readable = 0;
  /** Requests answered after this has changed are those of a command that was broken off. */
  #generation = 0;

  abstract readonly name: string;
  abstract mediumChanged(): void;
  /** The handler of a command code; undefined: there is no such command. */
  protected abstract command(code: number): AtaCommand | undefined;
  /** LBA mid and high after a reset. */
  protected abstract readonly signature: readonly [mid: number, high: number];
  /** Is DEVICE RESET a command here, and taken even while the drive is busy? */
  abstract readonly packet: boolean;
  /** The guest, or the bus master, has taken all of the buffer. */
  protected abstract dataTaken(): void;
  /** The buffer is full. */
  protected abstract dataGiven(): void;
  /** Carries on where the saved form was taken, in phase `medium`. */
  protected abstract submitAgain(): void;
  /** Fails the command that was in phase `medium`: where the saved form is restored there is another medium, or none. */
  protected abstract mediumLost(): void;
  /** A reset by the guest or the machine has broken off the command in progress. */
  protected abstract brokenOff(): void;
  /** Does the command end with what the buffer holds, or has room for? */
  protected abstract readonly lastData: boolean;
  /** A DRQ block begins, from `start` to `end` in the buffer. */
  protected abstract blockBegins(start: number, end: number): void;

  connectPort(port: BlockPort): void {
    this.#port = port;
    this.mediumCount = port.mediumCount;
  }

  connectHost(host: DriveHost): void {
    this.host = host;
  }

  protected get port(): BlockPort {
    if (!this.#port) throw new Error('a drive is used before it is connected');
    return this.#port;
  }

  get interrupt(): boolean {
    return this.#interrupt;
  }

  get phase(): Phase {
    return this.#phase;
  }

  // ---- Commands

  execute(code: number): void {
    this.file.error = 0;
    this.setInterrupt(false);
    const handler = this.command(code);
    if (handler) handler();
    else this.abort();
  }

  /** Software reset, hardware reset, DEVICE RESET: what was in progress is broken off, the registers have the signature. */
  breakOff(): void {
    this.#generation++;
    this.#port?.abandon();
    this.#enter('idle', 0);
    this.brokenOff();
    this.setInterrupt(false);
  }

  /** `device` is kept where only this device is reset. */
  setSignature(device = OBSOLETE): void {
    const [mid, high] = this.signature;
    const previous = { features: 0, count: 0, low: 0, mid: 0, high: 0 };
    Object.assign(this.file, { features: 0, count: 1, low: 1, mid, high, previous, device });
    this.file.error = DIAGNOSTIC_PASSED;
    this.file.status = this.packet ? 0 : DRDY | DSC;
  }

  /** EXECUTE DEVICE DIAGNOSTIC is over. */
  diagnosed(): void {
    this.setInterrupt(true);
  }

  readStatus(): number {
    if (this.#interrupt) this.setInterrupt(false);
    return this.file.status;
  }

  protected setInterrupt(asserted: boolean): void {
    if (this.#interrupt === asserted) return;
    this.#interrupt = asserted;
    this.host.interruptChanged();
  }

  /** The command is over. */
  protected complete(interrupt = true): void {
    this.#enter('idle', 0);
    this.file.status = DRDY | DSC;
    if (interrupt) this.setInterrupt(true);
  }

  protected fail(error: number, status = DRDY): void {
    this.complete(false);
    this.file.error = error;
    this.file.status = status | ERR;
    this.setInterrupt(true);
  }

  protected abort(): void {
    this.fail(ABRT);
  }

  // ---- Data

  /** Bytes that the buffer holds, or has room for in this phase. */
  protected get held(): number {
    return this.#length;
  }

  /** `length` bytes of the buffer are for the guest, `block` bytes at a time. */
  protected offer(length: number, block: number, interrupt = true): void {
    this.#enter('data-in', length);
    this.#block = block;
    this.#beginBlock(interrupt);
  }

  /** The guest is to fill `length` bytes of the buffer, `block` bytes at a time. */
  protected accept(length: number, block: number, interrupt: boolean): void {
    this.#enter('data-out', length);
    this.#block = block;
    this.#beginBlock(interrupt);
  }

  /** The bus master is to move `length` bytes. */
  protected requestDma(direction: 'dma-in' | 'dma-out', length: number): void {
    this.#enter(direction, length);
    this.file.status = DRDY | DSC | DRQ;
    this.host.dmaRequested();
  }

  /**
   * The drive is busy until `done`, which is not called if the command is broken off before. The first `held` bytes of the buffer
   * are needed until then.
   */
  protected submit(request: BlockRequest, held: number, done: (result: BlockResult) => void): void {
    this.#enter('medium', held);
    this.file.status = BSY | DRDY | DSC;
    const generation = this.#generation;
    this.port.submit(request, (result) => {
      if (generation === this.#generation) done(result);
    });
  }

  /** An access of a single byte takes a whole word, as the bus does. */
  readData(size: number): number {
    const { buffer } = this;
    const at = this.#position;
    const end = at + (size === 4 ? 4 : 2);
    if (end > this.#readable) return this.#readRest(size);
    this.#position = end;
    const low = buffer[at] | (buffer[at + 1] << 8);
    const value = size === 4 ? (low | (buffer[at + 2] << 16) | (buffer[at + 3] << 24)) >>> 0 : low;
    if (end === this.#readable) this.#blockDone();
    return size === 1 ? value & 0xff : value;
  }

  /** What is left of a block is shorter than the access, or there is none. */
  #readRest(size: number): number {
    let value = 0;
    const present = Math.min(size, this.#readable - this.#position);
    for (let i = present - 1; i >= 0; i--) value = value * 256 + this.buffer[this.#position + i];
    if (present > 0) {
      this.#position = this.#readable;
      this.#blockDone();
    }
    return value;
  }

  writeData(size: number, value: number): void {
    if (this.#phase !== 'data-out') return;
    const end = Math.min(this.#position + Math.max(size, 2), this.#blockEnd);
    for (let i = 0; this.#position < end; i++) this.buffer[this.#position++] = (value >>> (8 * i)) & 0xff;
    if (end === this.#blockEnd) this.#blockDone();
  }

  #beginBlock(interrupt: boolean): void {
    this.#blockEnd = Math.min(this.#position + this.#block, this.#length);
    this.#readable = this.#phase === 'data-in' ? this.#blockEnd : 0;
    this.file.status = DRDY | DSC | DRQ;
    this.blockBegins(this.#position, this.#blockEnd);
    if (interrupt) this.setInterrupt(true);
  }

  #blockDone(): void {
    if (this.#position < this.#length) this.#beginBlock(true);
    else this.#allMoved();
  }

  #allMoved(): void {
    if (this.#phase === 'data-in' || this.#phase === 'dma-in') this.dataTaken();
    else this.dataGiven();
  }

  #enter(phase: Phase, length: number): void {
    this.#phase = phase;
    this.#length = length;
    this.#position = 0;
    this.#blockEnd = 0;
    this.#readable = 0;
  }

  // ---- Bus master

  /** Bytes that it is to move; 0 while there are none. */
  get dmaBytes(): number {
    return this.#phase === 'dma-in' || this.#phase === 'dma-out' ? this.#length - this.#position : 0;
  }

  /** Are these the last of the command? */
  get dmaEnds(): boolean {
    return this.lastData;
  }

  /** The next bytes, for reading or writing. */
  dmaPart(bytes: number): Uint8Array {
    return this.buffer.subarray(this.#position, this.#position + bytes);
  }

  dmaMoved(bytes: number): void {
    this.#position += bytes;
    if (this.#position === this.#length) this.#allMoved();
  }

  /** The guest's list of buffers is at its end before the data. The command ends without an interrupt, by which drivers notice. */
  dmaShort(): void {
    this.brokenOff();
    this.complete(false);
  }

  /** A buffer is not in RAM. */
  dmaFailed(): void {
    this.brokenOff();
    this.abort();
  }

  // ---- Saved form

  protected saveDrive(): DriveState {
    const { file, mediumCount, standby, transferMode } = this;
    return {
      file: structuredClone(file),
      interrupt: this.#interrupt,
      phase: this.#phase,
      data: [this.buffer.slice(0, this.#length)],
      position: this.#position,
      blockEnd: this.#blockEnd,
      block: this.#block,
      ...{ mediumCount, standby, transferMode },
    };
  }

  /** The form's structure has been checked. Throws StateError for values that cannot be. The interrupt's level is the channel's to restore. */
  protected restoreDrive(form: DriveState): void {
    const [data] = form.data;
    const { position, blockEnd } = form;
    if (!PHASES.includes(form.phase) || !(data instanceof Uint8Array) || data.length > BUFFER_SIZE)
      throw new StateError(`The saved state of ${this.name} is damaged: phase or data is not as expected.`);
    const moving = form.phase !== 'idle' && form.phase !== 'medium';
    const inBlock =
      !form.phase.startsWith('data') || (position < blockEnd && blockEnd <= data.length && form.block > 0);
    if (moving && !(position >= 0 && position < data.length && inBlock && Number.isInteger(position)))
      throw new StateError(`The saved state of ${this.name} is damaged: position is not as expected.`);
    Object.assign(this.file, structuredClone(form.file));
    this.buffer.set(data);
    this.#enter(form.phase, data.length);
    this.#position = position;
    this.#blockEnd = blockEnd;
    this.#block = form.block;
    this.#readable = form.phase === 'data-in' ? blockEnd : 0;
    this.mediumCount = form.mediumCount;
    this.standby = form.standby;
    this.transferMode = form.transferMode;
    this.#interrupt = form.interrupt;
    if (form.phase === 'medium') {
      if (form.mediumCount === this.port.mediumCount) this.submitAgain();
      else this.mediumLost();
    }
    if (this.dmaBytes > 0) this.host.dmaRequested();
  }
}

const PHASES: readonly Phase[] = ['idle', 'data-in', 'data-out', 'dma-in', 'dma-out', 'medium'];
