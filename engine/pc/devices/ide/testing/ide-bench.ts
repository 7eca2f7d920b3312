// For tests: the IDE controller on a bench with guest RAM, a disk as the first channel's device 0 and a CD drive as the second's.
import { createHash } from 'node:crypto';
import type { BlockPort } from '../../../bus/block.ts';
import { Transfers } from '../../../bus/transfers.ts';
import { BAR0, COMMAND } from '../../pci/config-space.ts';
import { recordedLine, TestBench } from '../../testing/test-bench.ts';
import { TestDrive } from '../../testing/test-drive.ts';
import { GuestRam } from '../../virtio/testing/guest-ram.ts';
import { CdDrive } from '../cdrom.ts';
import { Piix3Ide } from '../controller.ts';
import { IdeDisk } from '../disk.ts';
import type { AtaDrive } from '../drive.ts';

export const DISK = 0x1f0;
export const CD = 0x170;
export const DISK_MASTER = 0xc000;
export const CD_MASTER = 0xc008;
/** From the command block to the alternate status and device control. */
export const CONTROL = 0x206;

export interface Media {
  disk?: Uint8Array | undefined;
  diskReadOnly?: boolean;
  cd?: Uint8Array | undefined;
}

export class IdeBench extends TestBench {
  readonly ram: GuestRam;
  readonly transfers: Transfers;
  readonly lines = { 14: recordedLine(), 15: recordedLine() };
  readonly controller: Piix3Ide;
  readonly disk = new IdeDisk('ide-hd-0-0', 'TV00001');
  readonly cd = new CdDrive('ide-cd-1-0', 'TV00003');
  readonly diskMedium: TestDrive;
  readonly cdMedium: TestDrive;

  constructor({ disk, diskReadOnly, cd }: Media, ram = new GuestRam(1 << 20)) {
    super();
    this.ram = ram;
    this.transfers = new Transfers(ram);
    this.diskMedium = new TestDrive(disk, diskReadOnly);
    this.cdMedium = new TestDrive(cd, true);
    this.controller = new Piix3Ide({
      ports: this.ports,
      memory: this.transfers.memory,
      transfers: this.transfers,
      interruptLine: (irq) => this.lines[irq === 14 ? 14 : 15],
      hasFirmware: true,
    });
    this.#connect(0, this.disk, this.diskMedium);
    this.#connect(1, this.cd, this.cdMedium);
    this.reset();
  }

  #connect(bus: number, drive: AtaDrive, port: BlockPort): void {
    this.controller.connect(bus, 0, drive);
    drive.connectPort(port);
  }

  reset(): void {
    const { pci } = this.controller;
    for (const device of [pci, this.controller, this.disk, this.cd]) device.reset();
    pci.writeConfig(BAR0 + 16, 4, DISK_MASTER | 1);
    pci.writeConfig(COMMAND, 2, 5);
  }

  /** Lets requests to the media and transfers come to an end. */
  settle(): void {
    while (this.diskMedium.answerAll() + this.cdMedium.answerAll() > 0 || this.transfers.due)
      this.transfers.runPending();
  }

  save() {
    const [controller, disk, cd] = [this.controller, this.disk, this.cd].map((device) =>
      structuredClone(device.save()),
    );
    return { controller, disk, cd, config: this.controller.pci.saveConfig() };
  }

  /** As the machine does: the bus first, then its cards. */
  restore(saved: ReturnType<IdeBench['save']>): void {
    this.controller.pci.restoreConfig(saved.config);
    this.controller.restore(saved.controller as never);
    this.disk.restore(saved.disk as never);
    this.cd.restore(saved.cd as never);
  }
}

/** By which long data is compared. */
export function digest(bytes: Uint8Array): string {
  return `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Bytes of which each sector's differ from every other's. */
export function pattern(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i >> 9) * 7 + (i >> 17) + i * 13 + seed;
  return bytes;
}
