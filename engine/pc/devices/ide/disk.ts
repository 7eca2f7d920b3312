// A hard disk: the commands of ATA/ATAPI-6 (§8) and of its predecessors that systems still use.
//
// A command that moves sectors does so in batches of up to the buffer's size, one request to the medium each: a batch that is
// read is there before the guest has its first DRQ block of it, one that is written goes to the medium when the guest has given all of it.

import { type BlockFailure, type BlockRequest, type BlockResult, SECTOR } from '../../bus/block.ts';
import { type Device, StateError } from '../../bus/device.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { type AtaCommand, AtaDrive, BUFFER_SIZE } from './drive.ts';
import { defaultGeometry, divided, type Geometry } from './geometry.ts';
import { DEFAULT_MODE, identifyDisk, isTransferMode, LBA28_SECTORS, MAXIMUM_MULTIPLE } from './identify.ts';
import type { DiskAccess, DiskState } from './persist.ts';
import { ABRT, DF, DRDY, IDNF, UNC, WP } from './registers.ts';
import { addressOf, countOf, leaveAddress, leaveLba, SECTOR_COMMANDS, type SectorCommand } from './sectors.ts';
import { smartData, smartLog, smartThresholds } from './smart.ts';

const BATCH = BUFFER_SIZE / SECTOR;
const NOTHING: DiskAccess = {
  kind: 'none',
  dma: false,
  extended: false,
  lba: 0,
  remaining: 0,
  batch: 0,
  block: SECTOR,
};
/** What 48 bits address. */
const LBA48_SECTORS = 2 ** 48;

/** Registers of the SMART command (§8.52.1). */
const SMART_MID = 0x4f;
const SMART_HIGH = 0xc2;

/** A range of DATA SET MANAGEMENT: 48 bits of address, 16 of length (ATA8-ACS-2, §7.10.3). */
const RANGE_SIZE = 8;
const TRIM = 0x01;

export class IdeDisk extends AtaDrive implements Device<DiskState> {
  readonly name: string;
  readonly packet = false;
  protected readonly signature = [0, 0] as const;
  readonly #serial: string;
  readonly #commands: Readonly<Record<number, AtaCommand>>;
  #s = settings();
  #access: DiskAccess = NOTHING;

  /** `name`: its own among the machine's devices. */
  constructor(name: string, serial: string) {
    super();
    this.name = name;
    this.#serial = serial;
    this.#commands = this.#otherCommands();
  }

  // ---- The drive

  mediumChanged(): void {
    this.mediumCount = this.port.mediumCount;
  }

  get #capacity(): number {
    return Math.floor((this.port.medium?.size ?? 0) / SECTOR);
  }

  get #geometry(): Geometry {
    return divided(this.#capacity, this.#s.heads, this.#s.sectors);
  }

  // ---- Commands

  protected command(code: number): AtaCommand | undefined {
    const move = SECTOR_COMMANDS[code];
    return move ? () => this.#move(move) : this.#commands[code];
  }

  #otherCommands(): Record<number, AtaCommand> {
    const done = () => this.complete();
    const sleep = () => {
      this.standby = true;
      this.complete();
    };
    const idle = () => {
      this.standby = false;
      this.complete();
    };
    const flush = () => this.#begin({ ...NOTHING, kind: 'flush' });
    const seek = () => {
      if ((addressOf(this.file, this.#geometry, false) ?? this.#capacity) < this.#capacity) this.complete();
      else this.fail(IDNF);
    };
    const checkPower = () => {
      this.file.count = this.standby ? 0x00 : 0xff;
      this.complete();
    };
    // RECALIBRATE and SEEK once had the step rate in the lower half of their codes.
    const stepped = Array.from({ length: 16 }, (_, rate) => [
      [0x10 + rate, done],
      [0x70 + rate, seek],
    ]).flat();
    return {
      ...Object.fromEntries(stepped),
      6: () => this.#dataSetManagement(),
      39: () => this.#nativeMaximum(true),
      145: () => this.#initializeParameters(),
      // Power modes, with the codes of before ATA-2. There is no motor: a sleeping disk needs no reset to work again.
      ...Object.fromEntries([0x94, 0x96, 0x99, 0xe0, 0xe2, 0xe6].map((code) => [code, sleep])),
      ...Object.fromEntries([0x95, 0x97, 0xe1, 0xe3].map((code) => [code, idle])),
      152: checkPower,
      176: () => this.#smart(),
      198: () => this.#setMultiple(),
      229: checkPower,
      231: flush,
      234: flush,
      236: () => this.#identify(),
      239: () => this.#setFeatures(),
      248: () => this.#nativeMaximum(false),
    };
  }

  #identify(): void {
    const { transferMode } = this;
    const capacity = this.#capacity;
    const page = identifyDisk({
      ...this.#s,
      ...{ serial: this.#serial, capacity, transferMode },
      geometry: defaultGeometry(capacity),
      current: this.#geometry,
    });
    this.#give(page);
  }

  /** One block for the guest, with PIO. */
  #give(page: Uint8Array): void {
    this.#access = NOTHING;
    this.buffer.set(page);
    this.offer(page.length, page.length);
  }

  #initializeParameters(): void {
    const { count, device } = this.file;
    if (count > 0) {
      this.#s.sectors = count;
      this.#s.heads = (device & 15) + 1;
      this.complete();
    } else this.abort();
  }

  #setMultiple(): void {
    const { count } = this.file;
    // A power of two, or 0 for no such commands.
    if (count <= MAXIMUM_MULTIPLE && (count & (count - 1)) === 0) {
      this.#s.multiple = count;
      this.complete();
    } else this.abort();
  }

  #nativeMaximum(extended: boolean): void {
    const sectors = extended ? this.#capacity : Math.min(this.#capacity, LBA28_SECTORS);
    leaveLba(this.file, Math.max(sectors - 1, 0), extended);
    this.complete();
  }

  #setFeatures(): void {
    const s = this.#s;
    const { features, count } = this.file;
    if (features === 0x03 && isTransferMode(count)) this.transferMode = count;
    else if (features === 0x02 || features === 0x82) s.writeCache = features === 0x02;
    else if (features === 0x55 || features === 0xaa) s.lookAhead = features === 0xaa;
    // Whether a software reset brings back defaults: it never does. Power management and noise: as much as the guest likes.
    else if (![0x66, 0xcc, 0x05, 0x85, 0x42, 0xc2].includes(features)) {
      this.abort();
      return;
    }
    this.complete();
  }

  #smart(): void {
    const { features, mid, high, low } = this.file;
    const enable = features === 0xd8;
    const log = features === 0xd5 ? smartLog(low) : undefined;
    if (mid !== SMART_MID || high !== SMART_HIGH || !(enable || this.#s.smart)) this.abort();
    else if (features === 0xd0) this.#give(smartData());
    else if (features === 0xd1) this.#give(smartThresholds());
    else if (log) this.#give(log);
    else if (enable || features === 0xd9) {
      this.#s.smart = enable;
      this.complete();
    }
    // Attributes are saved anyway, self-tests pass at once, and RETURN STATUS leaves the registers as they are: no threshold is exceeded.
    else if ([0xd2, 0xd3, 0xd4, 0xda].includes(features)) this.complete();
    else this.abort();
  }

  // ---- Moving sectors

  #move({ kind, extended = false, by }: SectorCommand): void {
    const { medium } = this.port;
    const lba = addressOf(this.file, this.#geometry, extended);
    const count = countOf(this.file, extended);
    const block = by === 'multiple' ? this.#s.multiple * SECTOR : SECTOR;
    if (!medium || block === 0) this.abort();
    else if (kind === 'write' && medium.readOnly) this.fail(WP | ABRT);
    else if (lba === undefined || lba + count > this.#capacity) this.fail(IDNF);
    else this.#begin({ kind, dma: by === 'dma', extended, lba, remaining: count, batch: 0, block });
  }

  #begin(access: DiskAccess): void {
    this.standby = false;
    this.#access = access;
    if (access.kind === 'flush') this.submitAgain();
    else this.#next(false);
  }

  /** `interrupt`: the guest waits to be told that it may go on. */
  #next(interrupt: boolean): void {
    const access = this.#access;
    access.batch = Math.min(access.remaining, BATCH);
    if (access.kind !== 'write') this.submitAgain();
    else if (access.dma) this.requestDma('dma-out', access.batch * SECTOR);
    else this.accept(access.batch * SECTOR, access.block, interrupt);
  }

  protected submitAgain(): void {
    const { kind } = this.#access;
    const request = this.#request();
    const held = kind === 'write' || kind === 'trim' ? this.#access.batch * SECTOR : 0;
    this.submit(request, held, (result) => this.#answered(result));
  }

  #request(): BlockRequest {
    const { kind, lba, batch } = this.#access;
    if (kind === 'flush') return { kind };
    if (kind === 'trim') return { kind: 'discard', ...this.#range() };
    const offset = lba * SECTOR;
    const length = batch * SECTOR;
    return kind === 'write'
      ? { kind, offset, bytes: this.buffer.subarray(0, length) }
      : { kind: 'read', offset, length };
  }

  #answered(result: BlockResult): void {
    const { kind, dma, batch, block } = this.#access;
    if (!result.ok) this.#failed(result.failure);
    else if (kind === 'flush') this.#finish(true);
    else if (kind === 'trim') this.#nextRange();
    else if (kind !== 'read') this.#advance();
    else {
      this.buffer.set(result.bytes);
      if (dma) this.requestDma('dma-in', batch * SECTOR);
      else this.offer(batch * SECTOR, block);
    }
  }

  protected get lastData(): boolean {
    const { kind, batch, remaining } = this.#access;
    return kind === 'trim' || batch === remaining;
  }

  /** The registers follow a command with PIO: what the guest has got, or is getting, is behind. */
  protected blockBegins(start: number, end: number): void {
    const { kind, lba, remaining, extended } = this.#access;
    if (kind === 'none') return;
    this.#report(lba, remaining, extended, (kind === 'read' ? end : start) / SECTOR);
  }

  /** Where a command is that has done `sectors` of what it has to. */
  #report(lba: number, remaining: number, extended: boolean, sectors = 0): void {
    leaveAddress(this.file, this.#geometry, lba + sectors, extended);
    this.file.count = (remaining - sectors) & 0xff;
    if (extended) this.file.previous.count = ((remaining - sectors) >> 8) & 0xff;
  }

  protected dataTaken(): void {
    if (this.#access.kind === 'none') this.complete(false);
    else this.#advance();
  }

  protected dataGiven(): void {
    if (this.#access.kind === 'trim') this.#trimNext();
    else this.submitAgain();
  }

  protected mediumLost(): void {
    this.#failed('gone');
  }

  protected brokenOff(): void {
    this.#access = NOTHING;
  }

  /** The batch is done. */
  #advance(): void {
    const access = this.#access;
    access.lba += access.batch;
    access.remaining -= access.batch;
    if (access.remaining > 0) {
      this.#next(true);
      return;
    }
    if (access.kind !== 'verify') this.#report(access.lba, 0, access.extended);
    // Who reads with PIO has had an interrupt for the last block.
    this.#finish(access.dma || access.kind !== 'read');
  }

  #finish(interrupt: boolean): void {
    this.#access = NOTHING;
    this.complete(interrupt);
  }

  /** The registers say where and how much was left. */
  #failed(failure: BlockFailure): void {
    const { kind, lba, remaining, extended } = this.#access;
    this.#access = NOTHING;
    if (kind === 'read' || kind === 'verify' || kind === 'write') this.#report(lba, remaining, extended);
    if (failure === 'out-of-range') this.fail(IDNF);
    else if (failure === 'read-only') this.fail(WP | ABRT);
    else if (failure === 'failed' && (kind === 'read' || kind === 'verify')) this.fail(UNC);
    else this.fail(ABRT, DRDY | DF);
  }

  // ---- DATA SET MANAGEMENT

  #dataSetManagement(): void {
    const sectors = countOf(this.file, true);
    const { medium } = this.port;
    if (!medium || !(this.file.features & TRIM) || sectors > BATCH) this.abort();
    else if (medium.readOnly) this.fail(WP | ABRT);
    else {
      const list = { remaining: sectors * SECTOR, batch: sectors };
      this.#access = { ...NOTHING, kind: 'trim', dma: true, extended: true, ...list };
      this.requestDma('dma-out', list.remaining);
    }
  }

  /** Discards the next range that is not empty. */
  #trimNext(): void {
    const access = this.#access;
    while (access.remaining > 0 && this.#range().length === 0) access.remaining -= RANGE_SIZE;
    if (access.remaining === 0) this.#finish(true);
    else if (this.#rangeEnd() <= this.#capacity * SECTOR) this.submitAgain();
    else {
      this.#access = NOTHING;
      this.fail(IDNF);
    }
  }

  #nextRange(): void {
    this.#access.remaining -= RANGE_SIZE;
    this.#trimNext();
  }

  #rangeEnd(): number {
    const { offset, length } = this.#range();
    return offset + length;
  }

  #range(): { offset: number; length: number } {
    const { batch, remaining } = this.#access;
    const view = new DataView(this.buffer.buffer, batch * SECTOR - remaining, RANGE_SIZE);
    const lba = view.getUint32(0, true) + view.getUint16(4, true) * 2 ** 32;
    return { offset: lba * SECTOR, length: view.getUint16(6, true) * SECTOR };
  }

  // ---- Device

  reset(): void {
    this.breakOff();
    this.setSignature();
    this.#s = settings();
    this.standby = false;
    this.transferMode = DEFAULT_MODE;
  }

  save(): DiskState {
    return { version: 1, ...this.saveDrive(), ...this.#s, access: { ...this.#access } };
  }

  restore(state: DiskState): void {
    const form = requireForm(this.name, state, { ...this.save(), data: [] });
    checkAccess(this.name, form.access);
    const { multiple, heads, sectors, writeCache, lookAhead, smart } = form;
    if (!isBetween(heads, 1, 16) || !isBetween(sectors, 1, 255) || !isBetween(multiple, 0, MAXIMUM_MULTIPLE))
      throw new StateError(`The saved state of ${this.name} is damaged: its geometry is not as expected.`);
    this.#s = { multiple, heads, sectors, writeCache, lookAhead, smart };
    this.#access = { ...form.access };
    this.restoreDrive(form);
  }
}

/** What commands set, as it is after power-on. */
function settings() {
  const { heads, sectors } = defaultGeometry(0);
  return { multiple: MAXIMUM_MULTIPLE, heads, sectors, writeCache: true, lookAhead: true, smart: true };
}

/** Throws StateError for a command in progress that cannot be. */
function checkAccess(name: string, { kind, lba, remaining, batch, block }: DiskAccess): void {
  const unit = kind === 'trim' ? SECTOR : 1;
  const sound =
    ['none', 'read', 'write', 'verify', 'flush', 'trim'].includes(kind) &&
    isBetween(lba, 0, LBA48_SECTORS) &&
    isBetween(batch, 0, BATCH) &&
    isBetween(block, SECTOR, MAXIMUM_MULTIPLE * SECTOR) &&
    isBetween(remaining, kind === 'trim' ? RANGE_SIZE : batch, 0x10000 * unit) &&
    (kind !== 'trim' || (remaining <= batch * SECTOR && remaining % RANGE_SIZE === 0));
  if (!sound) throw new StateError(`The saved state of ${name} is damaged: its command is not as expected.`);
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
