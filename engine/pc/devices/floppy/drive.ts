// A floppy drive: the medium that lies in it, where the head stands, and the disk-change line.
import type { BlockDrive, BlockPort } from '../../bus/block.ts';
import { cutOffFormat, FLOPPY_DRIVE, type FloppyFormat, floppyFormat } from '../../bus/floppy-formats.ts';

/** Cylinders that a head reaches: drives go a little further than their disks. */
const LAST_CYLINDER = 83;

export class FloppyDrive implements BlockDrive {
  /** Its code in FLOPPY_DRIVE. */
  readonly type: number;
  readonly port: BlockPort;
  /** Cylinder on which the head stands. */
  position = 0;
  /** The disk-change line: up from when a medium was put in or taken out until the head steps over one. */
  changed = true;
  mediumCount: number;

  /** `type`: FLOPPY_DRIVE's code, or none: it is chosen by the medium. */
  constructor(type: number, connect: (drive: BlockDrive) => BlockPort) {
    this.port = connect(this);
    this.mediumCount = this.port.mediumCount;
    this.type = type === FLOPPY_DRIVE.none ? (this.format?.drive ?? FLOPPY_DRIVE.mb2_88) : type;
  }

  mediumChanged(): void {
    this.changed = true;
    this.mediumCount = this.port.mediumCount;
  }

  get format(): FloppyFormat | undefined {
    const size = this.port.medium?.size;
    return size === undefined ? undefined : (floppyFormat(size) ?? cutOffFormat(size));
  }

  get writeProtected(): boolean {
    return this.port.medium?.readOnly ?? false;
  }

  /** Moves the head by so many cylinders, to its stop at most. */
  step(cylinders: number): void {
    if (cylinders === 0) return;
    this.position = Math.min(Math.max(this.position + cylinders, 0), LAST_CYLINDER);
    if (this.port.medium) this.changed = false;
  }

  /** The controller takes it that the head stands on cylinder 0 after its reset, and the head does. */
  home(): void {
    this.position = 0;
  }

  /** Does the head stand on that cylinder of the medium? Disks with 40 cylinders are also read with two steps for each. */
  standsOn(cylinder: number): boolean {
    return this.position === cylinder || ((this.format?.cylinders ?? 0) <= 40 && this.position === 2 * cylinder);
  }
}
