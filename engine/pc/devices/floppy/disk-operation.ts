// The execution phase of a command on the disk (82077AA data sheet, 5.1). It goes in runs: sectors of one track that follow one
// another, up to EOT. What is read comes from the medium run by run and is handed to the host; what is written is gathered from the
// host a run at a time. Terminal count ends it, or the last sector of the track (of both, with MT).
//
// The image has no address marks: every sector has 512 bytes and a normal data mark, and lies where the format says. The head
// follows the command as with implied seeks, since firmware reads without seeking; double density (FM) and the motor do not count.
import { type BlockFailure, type BlockResult, SECTOR } from '../../bus/block.ts';
import type { DmaPeer } from '../../bus/dma-channel.ts';
import type { DataRate, FloppyFormat } from '../../bus/floppy-formats.ts';
import type { DiskCommand } from './commands.ts';
import type { FloppyDrive } from './drive.ts';
import { begunOperation, idleOperation } from './operation-state.ts';
import type { DiskOperationState } from './persist.ts';
import * as R from './registers.ts';
import { compareScanned } from './scan.ts';

/** N of a sector with 512 bytes. */
const SIZE_CODE = 2;
/** C, H, R, N of FORMAT TRACK. */
const ID_BYTES = 4;
const ROTATION_NS = 200e6;

const TO_HOST: readonly string[] = ['read', 'readDeleted', 'readTrack'] satisfies DiskCommand[];
const WRITES: readonly string[] = ['write', 'writeDeleted'] satisfies DiskCommand[];
const SCANS: readonly string[] = ['scanEqual', 'scanLowOrEqual', 'scanHighOrEqual'] satisfies DiskCommand[];

/** ST0 to ST2 and C, H, R, N. */
type Result = readonly number[];

export interface OperationWiring {
  drive(unit: number): FloppyDrive | undefined;
  rate(): DataRate;
  /** Guest time in ns. */
  now(): number;
  /** The head was moved by an implied seek to cylinder C. */
  headMoved(unit: number, cylinder: number): void;
  /** Bytes are to be moved, or none any more. */
  hostPhaseChanged(): void;
  finished(result: Result): void;
}

export class DiskOperation {
  readonly #w: OperationWiring;
  #s = idleOperation();
  #data: Uint8Array = new Uint8Array(0);

  constructor(wiring: OperationWiring) {
    this.#w = wiring;
  }

  /** Takes the bytes of the command phase. Nothing happens before `execute`. */
  begin(name: DiskCommand, command: readonly number[]): void {
    this.#s = begunOperation(name, command);
    this.#s.mediumCount = this.#w.drive(this.#s.unit)?.port.mediumCount ?? 0;
  }

  execute(): void {
    const s = this.#s;
    const drive = this.#w.drive(s.unit);
    const found = this.#track();
    if (!drive || !found) this.#fail(R.ST1_MISSING_ADDRESS_MARK);
    else if (s.command === 'readId') this.#readId(drive, found);
    else if ((this.#writes || s.command === 'format') && drive.writeProtected) this.#fail(R.ST1_NOT_WRITABLE);
    else if (s.command === 'format') this.#gatherIds();
    else {
      if (!drive.standsOn(s.cylinder)) {
        drive.step(s.cylinder - drive.position);
        this.#w.headMoved(s.unit, s.cylinder);
      }
      if (s.command === 'readTrack') this.#beginTrack();
      this.#nextRun();
    }
  }

  /** The controller was reset. */
  abort(): void {
    if (this.#s.phase === 'medium') this.#w.drive(this.#s.unit)?.port.abandon();
    this.#s = idleOperation();
    this.#data = new Uint8Array(0);
  }

  // ---- Bytes between host and run

  get direction(): DmaPeer['direction'] {
    if (this.#s.phase !== 'host') return undefined;
    return TO_HOST.includes(this.#s.command) ? 'to-memory' : 'from-memory';
  }

  get position(): number {
    return this.#s.position;
  }

  get left(): number {
    return this.#s.phase === 'host' ? this.#data.length - this.#s.position : 0;
  }

  peek(): Uint8Array {
    return this.#data.subarray(this.#s.position);
  }

  taken(count: number, terminal: boolean): void {
    this.#s.position += count;
    this.#moved(terminal);
  }

  put(bytes: Uint8Array, terminal: boolean): void {
    const s = this.#s;
    if (SCANS.includes(s.command)) s.scan = compareScanned(s.command, s.scan, this.peek(), bytes);
    else this.#data.set(bytes, s.position);
    s.position += bytes.length;
    this.#moved(terminal);
  }

  #moved(terminal: boolean): void {
    const s = this.#s;
    const full = s.position === this.#data.length;
    if (!terminal && !full) return;
    s.terminal = terminal;
    if (s.command === 'format') {
      this.#hostPhaseOver();
      this.#beginFill();
      return;
    }
    // The sector that terminal count falls into is the last; what a write lacks of it are zeros.
    s.sectors = Math.ceil(s.position / SECTOR);
    this.#hostPhaseOver();
    if (this.#writes) this.#writeRun();
    else this.#runDone();
  }

  #hostPhaseOver(): void {
    this.#s.phase = 'idle';
    this.#w.hostPhaseChanged();
  }

  #askHost(data: Uint8Array): void {
    this.#data = data;
    this.#s.position = 0;
    this.#s.phase = 'host';
    this.#w.hostPhaseChanged();
  }

  // ---- Runs

  get #writes(): boolean {
    return WRITES.includes(this.#s.command);
  }

  /** What the head finds, if there are marks at the selected data rate. */
  #track(): FloppyFormat | undefined {
    const s = this.#s;
    const drive = this.#w.drive(s.unit);
    const format = drive?.format;
    if (!drive || !format || drive.port.mediumCount !== s.mediumCount) return undefined;
    return format.rates.includes(this.#w.rate()) && s.head < format.heads ? format : undefined;
  }

  /** Every sector from the index on counts, whatever its number; the ID is compared all the same. */
  #beginTrack(): void {
    const s = this.#s;
    if (s.record !== 1) s.st1 |= R.ST1_NO_DATA;
    s.record = 1;
  }

  #nextRun(): void {
    const s = this.#s;
    const format = this.#track();
    if (!format || s.cylinder >= format.cylinders) {
      this.#fail(R.ST1_MISSING_ADDRESS_MARK);
      return;
    }
    const missing = s.idHead !== s.head || s.sizeCode !== SIZE_CODE || s.record < 1 || s.record > format.sectors;
    const present = this.#sectorsPresent(format);
    if (missing || present <= 0) {
      this.#fail(R.ST1_NO_DATA);
      return;
    }
    if (s.command === 'readDeleted') {
      // It finds a normal mark: the sector is skipped, or it is the last.
      s.st2 |= R.ST2_CONTROL_MARK;
      if (s.skip) {
        s.sectors = this.#untilEndOfTrack(format);
        this.#runDone();
        return;
      }
    }
    const alone = s.single || s.command === 'readDeleted' || SCANS.includes(s.command);
    s.sectors = alone ? 1 : Math.min(this.#untilEndOfTrack(format), present);
    if (s.command === 'verify' && s.parameter > 0) s.sectors = Math.min(s.sectors, s.parameter);
    if (this.#writes) this.#askHost(new Uint8Array(s.sectors * SECTOR));
    else this.#request();
  }

  /** Sectors of the track from the present one to EOT, or to the last if EOT does not come any more. */
  #untilEndOfTrack({ sectors }: FloppyFormat): number {
    const { record, endOfTrack } = this.#s;
    return (record <= endOfTrack ? Math.min(endOfTrack, sectors) : sectors) - record + 1;
  }

  /** Sectors from the present one on that the image has: it may be cut off. */
  #sectorsPresent(format: FloppyFormat): number {
    const size = this.#w.drive(this.#s.unit)?.port.medium?.size ?? 0;
    return size / SECTOR - this.#sector(format, this.#s.record);
  }

  #sector(format: FloppyFormat, record: number): number {
    const { cylinder, head } = this.#s;
    return (cylinder * format.heads + head) * format.sectors + record - 1;
  }

  #writeRun(): void {
    this.#data = this.#data.subarray(0, this.#s.sectors * SECTOR);
    this.#request();
  }

  /** Asks the medium for the run, or gives it. Also when it is restored in the middle of that. */
  #request(): void {
    const s = this.#s;
    const format = this.#track();
    const port = this.#w.drive(s.unit)?.port;
    if (!format || !port) {
      this.#fail(R.ST1_MISSING_ADDRESS_MARK);
      return;
    }
    s.phase = 'medium';
    const done = (result: BlockResult) => this.#answered(result);
    const offset = this.#sector(format, s.record) * SECTOR;
    if (s.command === 'format') {
      const first = this.#sector(format, s.fill[0]) * SECTOR;
      port.submit({ kind: 'write', offset: first, bytes: new Uint8Array(s.sectors * SECTOR).fill(s.parameter) }, done);
    } else if (this.#writes) port.submit({ kind: 'write', offset, bytes: this.#data }, done);
    else port.submit({ kind: 'read', offset, length: s.sectors * SECTOR }, done);
  }

  #answered(result: BlockResult): void {
    const s = this.#s;
    s.phase = 'idle';
    if (!result.ok) this.#requestFailed(result.failure);
    else if (s.command === 'format') {
      s.fill.splice(0, s.sectors);
      this.#nextFill();
    } else if (this.#writes || s.command === 'verify') this.#runDone();
    else this.#askHost(result.bytes.slice());
  }

  #requestFailed(failure: BlockFailure): void {
    const s = this.#s;
    if (failure === 'gone') this.#fail(R.ST1_MISSING_ADDRESS_MARK);
    else if (failure === 'read-only') this.#fail(R.ST1_NOT_WRITABLE);
    else if (this.#writes || s.command === 'format') this.#fail(R.ST1_DATA_ERROR, 0, R.ST0_EQUIPMENT_CHECK);
    else if (s.sectors > 1) {
      // Which of them it was shows when they are read one by one.
      s.single = true;
      this.#nextRun();
    } else this.#fail(R.ST1_DATA_ERROR, R.ST2_DATA_ERROR);
  }

  /** All sectors of the run are done: on to the next, or the end. */
  #runDone(): void {
    const s = this.#s;
    s.record += s.sectors - 1;
    if (SCANS.includes(s.command)) {
      this.#scanned();
      return;
    }
    if (s.command === 'verify' && s.parameter > 0) {
      s.parameter -= s.sectors;
      if (s.parameter === 0) s.terminal = true;
    }
    if (s.terminal || (s.command === 'readDeleted' && !s.skip)) this.#finish(0);
    else this.#advance(1);
  }

  #scanned(): void {
    const s = this.#s;
    if (s.scan === 'failed') {
      s.scan = 'equal';
      if (!s.terminal && s.record + s.step <= s.endOfTrack) {
        this.#advance(s.step);
        return;
      }
      s.st2 |= R.ST2_SCAN_NOT_SATISFIED;
    } else if (s.scan === 'equal') s.st2 |= R.ST2_SCAN_EQUAL;
    this.#finish(0);
  }

  #advance(sectors: number): void {
    const s = this.#s;
    if (s.record !== s.endOfTrack) {
      s.record += sectors;
      if (s.command === 'readTrack' && s.record > (this.#track()?.sectors ?? 0)) this.#fail(R.ST1_END_OF_CYLINDER);
      else this.#nextRun();
    } else if (s.multiTrack && s.head === 0) {
      Object.assign(s, { head: 1, idHead: s.idHead ^ 1, record: 1 });
      this.#nextRun();
    } else if (s.command === 'verify' && s.parameter === 0) this.#finish(0);
    else {
      s.st1 |= R.ST1_END_OF_CYLINDER;
      this.#finish(R.ST0_ABNORMAL);
    }
  }

  // ---- Commands that look at a track

  #readId(drive: FloppyDrive, format: FloppyFormat): void {
    const s = this.#s;
    const cylinder = [drive.position, drive.position / 2].find((c) => drive.standsOn(c) && c < format.cylinders);
    if (cylinder === undefined || !Number.isInteger(cylinder)) {
      this.#fail(R.ST1_MISSING_ADDRESS_MARK);
      return;
    }
    s.cylinder = cylinder;
    s.record = (Math.floor((this.#w.now() / ROTATION_NS) * format.sectors) % format.sectors) + 1;
    Object.assign(s, { idHead: s.head, sizeCode: SIZE_CODE });
    this.#w.finished([this.#st0(0), 0, 0, s.cylinder, s.idHead, s.record, s.sizeCode]);
  }

  #gatherIds(): void {
    if (this.#s.endOfTrack === 0) this.#beginFill();
    else this.#askHost(new Uint8Array(this.#s.endOfTrack * ID_BYTES));
  }

  /** Sectors with an ID that the image has a place for are filled; a track with any other is no track of it. */
  #beginFill(): void {
    const s = this.#s;
    const drive = this.#w.drive(s.unit);
    const format = this.#track();
    const count = Math.floor(s.position / ID_BYTES);
    for (let i = 0; i < count; i++) {
      const [c, h, r, n] = this.#data.subarray(i * ID_BYTES);
      Object.assign(s, { cylinder: c, idHead: h, record: r });
      const fits =
        format && drive?.standsOn(c) && c < format.cylinders && h === s.head && n === SIZE_CODE && s.sizeCode === n;
      if (fits && r >= 1 && r <= format.sectors && this.#sectorsPresent(format) > 0) s.fill.push(r);
      else s.st1 |= R.ST1_NO_DATA;
    }
    s.fill = [...new Set(s.fill)].sort((a, b) => a - b);
    this.#nextFill();
  }

  #nextFill(): void {
    const s = this.#s;
    if (s.fill.length === 0) {
      this.#finish(s.st1 ? R.ST0_ABNORMAL : 0);
      return;
    }
    const gap = s.fill.findIndex((record, i) => record !== s.fill[0] + i);
    s.sectors = gap < 0 ? s.fill.length : gap;
    this.#request();
  }

  // ---- Results

  #st0(bits: number): number {
    return bits | (this.#s.head << 2) | this.#s.unit;
  }

  /** The sector that comes next is in the result (82077AA, table 5-6). */
  #finish(st0: number): void {
    const s = this.#s;
    const last = s.record === s.endOfTrack;
    const head = last && s.multiTrack ? s.idHead ^ 1 : s.idHead;
    const cylinder = last && !(s.multiTrack && s.head === 0) ? s.cylinder + 1 : s.cylinder;
    const id = [cylinder & 0xff, head, last ? 1 : (s.record + 1) & 0xff, s.sizeCode];
    this.#w.finished([this.#st0(st0), s.st1, s.st2, ...id]);
  }

  /** The sector at which it failed is in the result. */
  #fail(st1: number, st2 = 0, st0 = 0): void {
    const s = this.#s;
    s.phase = 'idle';
    const status = [this.#st0(R.ST0_ABNORMAL | st0), s.st1 | st1, s.st2 | st2];
    this.#w.finished([...status, s.cylinder, s.idHead, s.record, s.sizeCode]);
  }

  // ---- Saved form

  save(): DiskOperationState {
    return { ...structuredClone(this.#s), data: this.#s.phase === 'idle' ? [] : [...this.#data] };
  }

  /** Asks the medium again for what had not been answered. */
  restore(state: DiskOperationState): void {
    this.#s = structuredClone(state);
    this.#data = Uint8Array.from(state.data);
    this.#s.data = [];
  }

  /** All parts are restored. */
  resume(): void {
    if (this.#s.phase === 'medium') this.#request();
  }
}
