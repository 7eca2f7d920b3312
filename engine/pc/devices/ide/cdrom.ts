// A CD and DVD drive: the ATA side of a packet device (ATA/ATAPI-6, §9.8, §9.10 and §8.23), which takes packets, gives and takes
// their data, and reads the medium.
//
// What is read goes through the buffer in batches of whole DRQ blocks where the guest's limit for those is a number of sectors. Otherwise
// the last DRQ block of a batch is shorter.

import type { BlockFailure, BlockResult } from '../../bus/block.ts';
import { type Device, StateError } from '../../bus/device.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { carryOut, takeParameters } from './atapi/commands.ts';
import { BLOCK_SIZE } from './atapi/disc.ts';
import { type Outcome, PacketUnit } from './atapi/packet-unit.ts';
import type { Sense } from './atapi/persist.ts';
import { rawSector, selectedPart, USER_DATA } from './atapi/raw-sector.ts';
import * as S from './atapi/sense.ts';
import { type AtaCommand, AtaDrive, BUFFER_SIZE } from './drive.ts';
import { DEFAULT_MODE, identifyCd, isTransferMode } from './identify.ts';
import type { CdState } from './persist.ts';

const PACKET_SIZE = 12;
/** Features of PACKET. */
const BY_DMA = 0x01;
const OVERLAPPED = 0x02;
/** Interrupt reason, in place of the sector count: a packet rather than data, to the guest. */
const IS_PACKET = 0x01;
const TO_GUEST = 0x02;
/** The longest DRQ block: the register's value FFFFh counts as one less. */
const LONGEST_BLOCK = 0xfffe;

export class CdDrive extends AtaDrive implements Device<CdState> {
  readonly name: string;
  readonly packet = true;
  protected readonly signature = [0x14, 0xeb] as const;
  readonly #serial: string;
  readonly #unit: PacketUnit;
  readonly #commands: Readonly<Record<number, AtaCommand>>;
  #s = idle();

  /** `name`: its own among the machine's devices. */
  constructor(name: string, serial: string) {
    super();
    this.name = name;
    this.#serial = serial;
    this.#unit = new PacketUnit(serial, () => this.port);
    this.#commands = this.#allCommands();
  }

  mediumChanged(): void {
    if (this.port.mediumCount === this.mediumCount) return;
    this.mediumCount = this.port.mediumCount;
    this.#unit.mediumChanged();
  }

  ejectRequested(): void {
    this.#unit.ejectRequested();
  }

  // ---- ATA commands

  protected command(code: number): AtaCommand | undefined {
    return this.#commands[code];
  }

  #allCommands(): Record<number, AtaCommand> {
    const done = () => this.complete();
    const power = (standby: boolean) => () => {
      this.standby = standby;
      this.complete();
    };
    return {
      8: () => this.#resetDevice(),
      32: () => this.#refuseAsPacketDevice(), // READ SECTORS, by which drivers distinguish disks
      160: () => this.#packet(),
      161: () => this.#identify(),
      224: power(true),
      225: power(false),
      226: power(true),
      227: power(false),
      229: () => {
        this.file.count = this.standby ? 0x00 : 0xff;
        this.complete();
      },
      230: power(true),
      231: done, // FLUSH CACHE
      236: () => this.#refuseAsPacketDevice(), // IDENTIFY DEVICE
      239: () => this.#setFeatures(),
    };
  }

  #resetDevice(): void {
    this.breakOff();
    this.setSignature(this.file.device);
  }

  #refuseAsPacketDevice(): void {
    this.setSignature(this.file.device);
    this.abort();
  }

  #identify(): void {
    const page = identifyCd(this.#serial, this.transferMode);
    this.buffer.set(page);
    this.offer(page.length, page.length);
  }

  #setFeatures(): void {
    const { features, count } = this.file;
    if (features === 0x03 && isTransferMode(count)) {
      this.transferMode = count;
      this.complete();
    } else this.abort();
  }

  // ---- Packets

  #packet(): void {
    const { features, mid, high } = this.file;
    if (features & OVERLAPPED) {
      this.abort();
      return;
    }
    this.standby = false;
    const limit = Math.min(mid | (high << 8), LONGEST_BLOCK);
    Object.assign(this.#s, { ...idle(), step: 'packet', dma: (features & BY_DMA) !== 0, limit });
    this.accept(PACKET_SIZE, PACKET_SIZE, false);
  }

  protected blockBegins(start: number, end: number): void {
    const { file } = this;
    const { step } = this.#s;
    if (step === 'none') return;
    if (step === 'packet') {
      file.count = IS_PACKET;
      return;
    }
    file.count = step === 'reply' ? TO_GUEST : 0;
    file.mid = (end - start) & 0xff;
    file.high = (end - start) >> 8;
  }

  protected dataGiven(): void {
    const s = this.#s;
    if (s.step === 'packet') {
      s.packet = this.buffer.slice(0, PACKET_SIZE);
      this.#perform(carryOut(this.#unit, s.packet));
    } else this.#perform(takeParameters(this.#unit, s.packet, this.buffer.slice(0, this.held)));
  }

  #perform(outcome: Outcome): void {
    const s = this.#s;
    if (outcome.kind === 'failed') this.#failWith(outcome.sense);
    else if (outcome.kind === 'done') this.#finish();
    else if (!s.dma && s.limit === 0) {
      // No data register access may carry any of the data.
      this.#s = idle();
      this.abort();
    } else if (outcome.kind === 'receive') {
      s.step = 'parameters';
      if (s.dma) this.requestDma('dma-out', outcome.length);
      else this.accept(outcome.length, this.#block(outcome.length), true);
    } else if (outcome.kind === 'data') this.#give(outcome.bytes);
    else {
      const { lba, count, parts } = outcome;
      Object.assign(s, { step: 'reply', lba, remaining: count, parts });
      this.submitAgain();
    }
  }

  #give(bytes: Uint8Array): void {
    this.#s.step = 'reply';
    this.buffer.set(bytes);
    if (bytes.length > 0) this.#offerAll(bytes.length);
    else this.#finish();
  }

  #offerAll(length: number): void {
    if (this.#s.dma) this.requestDma('dma-in', length);
    else this.offer(length, this.#block(length));
  }

  /** Bytes of a DRQ block: an odd limit holds only for data that fits into one. */
  #block(length: number): number {
    const { limit } = this.#s;
    return length <= limit ? length : Math.max(limit & ~1, 2);
  }

  protected get lastData(): boolean {
    return this.#s.remaining === 0;
  }

  protected dataTaken(): void {
    if (this.#s.step === 'none') this.complete(false);
    else if (this.#s.remaining > 0) this.submitAgain();
    else this.#finish();
  }

  #finish(): void {
    this.#unit.sense = S.NO_SENSE;
    this.#s = idle();
    this.file.count = IS_PACKET | TO_GUEST;
    this.complete();
  }

  #failWith(sense: Sense): void {
    this.#unit.sense = sense;
    this.#s = idle();
    this.file.count = IS_PACKET | TO_GUEST;
    this.fail(sense.key << 4);
  }

  protected brokenOff(): void {
    this.#s = idle();
  }

  // ---- Reading

  protected submitAgain(): void {
    const s = this.#s;
    s.batch = Math.min(s.remaining, this.#batchLimit());
    const request = { kind: 'read', offset: s.lba * BLOCK_SIZE, length: s.batch * BLOCK_SIZE } as const;
    this.submit(request, 0, (result) => this.#answered(result));
  }

  /** Sectors of a batch. */
  #batchLimit(): number {
    const { dma, limit } = this.#s;
    const size = this.#sectorSize;
    const most = Math.floor(BUFFER_SIZE / Math.max(size, BLOCK_SIZE));
    const inBlock = limit / size;
    return !dma && Number.isInteger(inBlock) && inBlock > 0 && inBlock <= most ? most - (most % inBlock) : most;
  }

  /** Bytes of a sector that the guest gets. */
  get #sectorSize(): number {
    const { from, to } = selectedPart(this.#s.parts) ?? { from: 0, to: BLOCK_SIZE };
    return to - from;
  }

  #answered(result: BlockResult): void {
    if (result.ok) this.#giveSectors(result.bytes);
    else this.#failWith(this.#failureSense(result.failure));
  }

  #giveSectors(bytes: Uint8Array): void {
    const s = this.#s;
    const size = this.#sectorSize;
    if (s.parts === USER_DATA) this.buffer.set(bytes);
    else {
      const { from, to } = selectedPart(s.parts) ?? { from: 0, to: 0 };
      for (let n = 0; n < s.batch; n++) {
        const data = bytes.subarray(n * BLOCK_SIZE, (n + 1) * BLOCK_SIZE);
        this.buffer.set(rawSector(s.lba + n, data).subarray(from, to), n * size);
      }
    }
    s.lba += s.batch;
    s.remaining -= s.batch;
    this.#offerAll(s.batch * size);
  }

  #failureSense(failure: BlockFailure): Sense {
    if (failure === 'out-of-range') return S.OUT_OF_RANGE;
    return failure === 'gone' ? this.#unit.notReady : S.UNREADABLE;
  }

  protected mediumLost(): void {
    this.#failWith(this.#unit.notReady);
  }

  // ---- Device

  reset(): void {
    this.breakOff();
    this.setSignature();
    this.#unit.reset();
    this.standby = false;
    this.transferMode = DEFAULT_MODE;
  }

  save(): CdState {
    return { version: 1, ...this.saveDrive(), ...structuredClone(this.#s), unit: this.#unit.save() };
  }

  restore(state: CdState): void {
    const own = this.save();
    const unit = { ...own.unit, attentions: [0] };
    const form = requireForm(this.name, state, { ...own, data: [], unit });
    const { packet, step, dma, limit, lba, remaining, batch, parts } = form;
    const whole = [limit, lba, remaining, batch, parts].every((n) => Number.isInteger(n) && n >= 0);
    const sound = whole && limit <= LONGEST_BLOCK && selectedPart(parts) && (remaining === 0 || this.#isRead(parts));
    if (!STEPS.includes(step) || !sound)
      throw new StateError(`The saved state of ${this.name} is damaged: its packet is not as expected.`);
    this.#s = structuredClone({ packet, step, dma, limit, lba, remaining, batch, parts });
    this.#unit.restore(form.unit);
    this.restoreDrive(form);
    this.mediumChanged();
  }

  /** Does a sector have bytes for the guest? */
  #isRead(parts: number): boolean {
    const part = selectedPart(parts);
    return part !== undefined && part.to > part.from;
  }
}

const STEPS: readonly CdState['step'][] = ['none', 'packet', 'parameters', 'reply'];

/** No packet is in progress. */
function idle(): Pick<CdState, 'packet' | 'step' | 'dma' | 'limit' | 'lba' | 'remaining' | 'batch' | 'parts'> {
  return {
    packet: new Uint8Array(PACKET_SIZE),
    step: 'none',
    dma: false,
    limit: 0,
    lba: 0,
    remaining: 0,
    batch: 0,
    parts: USER_DATA,
  };
}
