// Where ours answers otherwise than QEMU's isa-fdc, and why. `at`: the answer's place in the scenario. Tests only.

const WHY = {
  specify: 'the bytes of SPECIFY as they were written (82077AA, SPECIFY and DUMPREG); QEMU shifts them',
  eot: 'no command has had an EOT; QEMU takes the sectors of the disk',
  eis: 'implied seeks are off after a reset (82077AA, CONFIGURE)',
  perpendicular: 'OW is no bit of the mode, and D0 is bit 2 (82077AA, table 5-1); QEMU shows it shifted',
  reset: 'a reset clears what LOCK does not protect (82077AA, LOCK); QEMU keeps it',
  save: 'SAVE has 16 bytes, as many as RESTORE takes (82078); QEMU gives 15',
  powerdown: 'its one parameter is the result (82078); QEMU waits for a second parameter',
  noDrive: 'a drive that is not there does not pull its lines: no track 0, no protection, no mark',
  st0: 'SE is of seeks, H the head that was selected; QEMU shows its implied seek and the head of the next sector',
  partSector: 'the sector after the one in which it ended (82077AA, table 5-6)',
  en: 'a track that ends without terminal count is EN (82077AA, ST1)',
  noSector: 'there are marks, but not that sector: ND (82077AA, ST1)',
  noCylinder: 'beyond the last cylinder there is no mark',
  down: 'downwards from the address; QEMU writes one byte too low, in the wrong order (dma.test.ts has the bytes)',
  pio: 'the request is an interrupt, and so is the end, which without terminal count is EN (82077AA, 4.2 and ST1); QEMU ends with neither, and never ends a write',
  noDisk: 'without a disk there is no mark; QEMU fails without a reason, or not at all',
  rotation: 'which sector passes first depends on the time',
  failedId: 'no ID was found, so none is in the result',
  verify: 'the sector after the last that was verified; QEMU verifies nothing',
  format: 'the track is filled; QEMU leaves it as it is',
  deleted: 'a sector with a normal mark is read, and ends it with CM (82077AA, READ DELETED DATA); QEMU fails',
} as const;

interface Difference {
  at: number;
  ours: number;
  why: string;
}

export const DIFFERENCES: Readonly<Record<string, readonly Difference[]>> = {
  'DUMPREG shows SPECIFY, CONFIGURE, LOCK and PERPENDICULAR': [
    { at: 15, ours: 0xaf, why: WHY.specify },
    { at: 16, ours: 0x2, why: WHY.specify },
    { at: 17, ours: 0x0, why: WHY.eot },
    { at: 19, ours: 0x20, why: WHY.eis },
    { at: 34, ours: 0xaf, why: WHY.specify },
    { at: 35, ours: 0x2, why: WHY.specify },
    { at: 36, ours: 0x0, why: WHY.eot },
    { at: 37, ours: 0x84, why: WHY.perpendicular },
  ],
  'a reset leaves what is locked': [
    { at: 24, ours: 0xaf, why: WHY.specify },
    { at: 25, ours: 0x2, why: WHY.specify },
    { at: 26, ours: 0x0, why: WHY.eot },
  ],
  'a reset clears what is not locked': [
    { at: 21, ours: 0xaf, why: WHY.specify },
    { at: 22, ours: 0x2, why: WHY.specify },
    { at: 23, ours: 0x0, why: WHY.eot },
    { at: 25, ours: 0x60, why: WHY.reset },
    { at: 26, ours: 0x0, why: WHY.reset },
  ],
  SAVE: [
    { at: 17, ours: 0xaf, why: WHY.specify },
    { at: 18, ours: 0x2, why: WHY.specify },
    { at: 19, ours: 0x0, why: WHY.eot },
    { at: 21, ours: 0x20, why: WHY.eis },
    { at: 26, ours: 0xd0, why: WHY.save },
  ],
  'POWERDOWN MODE': [
    { at: 10, ours: 0xd0, why: WHY.powerdown },
    { at: 11, ours: 0x3, why: WHY.powerdown },
    { at: 12, ours: 0x80, why: WHY.powerdown },
  ],
  'SENSE DRIVE STATUS of both drives and heads': [{ at: 17, ours: 0x29, why: WHY.noDrive }],
  'READ DATA, one sector': [{ at: 12, ours: 0x0, why: WHY.st0 }],
  'READ DATA, a track, ended by terminal count': [{ at: 12, ours: 0x4, why: WHY.st0 }],
  'READ DATA, both heads with MT': [{ at: 12, ours: 0x4, why: WHY.st0 }],
  'READ DATA, terminal count in the middle of a track': [{ at: 12, ours: 0x0, why: WHY.st0 }],
  'READ DATA, terminal count in the middle of a sector': [
    { at: 12, ours: 0x0, why: WHY.st0 },
    { at: 17, ours: 0x7, why: WHY.partSector },
  ],
  'READ DATA to EOT without terminal count': [
    { at: 12, ours: 0x40, why: WHY.en },
    { at: 13, ours: 0x80, why: WHY.en },
  ],
  'READ DATA, no such sector': [{ at: 13, ours: 0x4, why: WHY.noSector }],
  'READ DATA, no such cylinder': [{ at: 13, ours: 0x1, why: WHY.noCylinder }],
  'READ DATA of 720 KB': [{ at: 12, ours: 0x4, why: WHY.st0 }],
  'READ DATA of 360 KB': [{ at: 12, ours: 0x4, why: WHY.st0 }],
  'READ DATA of 1.2 MB': [{ at: 12, ours: 0x4, why: WHY.st0 }],
  'READ DATA of 2.88 MB': [{ at: 12, ours: 0x4, why: WHY.st0 }],
  'READ DATA downwards': [
    { at: 12, ours: 0x0, why: WHY.st0 },
    { at: 21, ours: 3726467013, why: WHY.down },
  ],
  'READ DATA with DMA that verifies': [{ at: 12, ours: 0x0, why: WHY.st0 }],
  'READ DATA without DMA': [
    { at: 525, ours: 0x1, why: WHY.pio },
    { at: 527, ours: 0x40, why: WHY.pio },
    { at: 528, ours: 0x80, why: WHY.pio },
    { at: 530, ours: 0x1, why: WHY.pio },
    { at: 532, ours: 0x1, why: WHY.pio },
  ],
  'READ DATA without a disk': [{ at: 13, ours: 0x1, why: WHY.noDisk }],
  'WRITE DATA, two sectors, and back': [
    { at: 12, ours: 0x0, why: WHY.st0 },
    { at: 26, ours: 0x0, why: WHY.st0 },
  ],
  'WRITE DATA to EOT, the next sector is in the result': [{ at: 12, ours: 0x4, why: WHY.st0 }],
  'WRITE DATA, write-protected': [{ at: 12, ours: 0x40, why: WHY.st0 }],
  'WRITE DATA without DMA': [
    { at: 12, ours: 0x1, why: WHY.pio },
    { at: 13, ours: 0xd0, why: WHY.pio },
    { at: 14, ours: 0x40, why: WHY.pio },
    { at: 15, ours: 0x80, why: WHY.pio },
    { at: 17, ours: 0x1, why: WHY.pio },
    { at: 19, ours: 0x1, why: WHY.pio },
    { at: 20, ours: 0x2, why: WHY.pio },
    { at: 22, ours: 0x80, why: WHY.pio },
  ],
  'READ ID': [{ at: 23, ours: 0x1, why: WHY.rotation }],
  'READ ID at the wrong data rate': [
    { at: 17, ours: 0x0, why: WHY.failedId },
    { at: 18, ours: 0x0, why: WHY.failedId },
  ],
  'READ ID without a disk': [
    { at: 12, ours: 0x40, why: WHY.noDisk },
    { at: 13, ours: 0x1, why: WHY.noDisk },
    { at: 17, ours: 0x0, why: WHY.noDisk },
    { at: 18, ours: 0x0, why: WHY.noDisk },
  ],
  'VERIFY, counted': [
    { at: 12, ours: 0x0, why: WHY.st0 },
    { at: 15, ours: 0x0, why: WHY.verify },
    { at: 17, ours: 0x5, why: WHY.verify },
  ],
  'FORMAT TRACK': [
    { at: 21, ours: 0x2, why: WHY.format },
    { at: 27, ours: 535242181, why: WHY.format },
  ],
  'READ DELETED DATA': [
    { at: 12, ours: 0x0, why: WHY.deleted },
    { at: 14, ours: 0x40, why: WHY.deleted },
    { at: 15, ours: 0x1, why: WHY.deleted },
    { at: 21, ours: 291754693, why: WHY.deleted },
  ],
  'READ TRACK': [{ at: 12, ours: 0x0, why: WHY.st0 }],
  'no drive B': [
    { at: 12, ours: 0x71, why: WHY.noDrive },
    { at: 18, ours: 0x41, why: WHY.noDrive },
    { at: 19, ours: 0x1, why: WHY.noDrive },
    { at: 24, ours: 0x0, why: WHY.noDrive },
  ],
};
