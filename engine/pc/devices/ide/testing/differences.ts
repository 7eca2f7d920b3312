// For tests: where QEMU 7.2 and this controller answer differently, and why. `at`: the step of the scenario, from 0.

interface Difference {
  at: number;
  qemu: string;
  ours: string;
}

export const DIFFERENCES: readonly { reason: string; places: Readonly<Record<string, readonly Difference[]>> }[] = [
  {
    reason:
      'After power-on the registers have the signature, with 01h for a passed diagnosis and, on a packet device, no DRDY (ATA/ATAPI-6, §9.12).',
    places: {
      'power-on': [
        { at: 0, qemu: '00', ours: '01' },
        { at: 7, qemu: '00', ours: '01' },
        { at: 13, qemu: '50', ours: '00' },
      ],
      'registers can be written and read': [{ at: 6, qemu: '00', ours: '01' }],
      'previous contents of registers': [
        { at: 12, qemu: '00', ours: '01' },
        { at: 28, qemu: '00', ours: '01' },
      ],
    },
  },
  {
    reason: 'A device is busy while it is being reset (ATA/ATAPI-6, §9.2).',
    places: {
      'software reset': [
        { at: 9, qemu: '50', ours: '90' },
        { at: 20, qemu: '00', ours: '90' },
      ],
    },
  },
  {
    reason: 'Names, serial numbers and firmware revision.',
    places: {
      'IDENTIFY DEVICE': [
        { at: 26, qemu: '514d', ours: '5456' },
        { at: 39, qemu: '322e', ours: '312e' },
        { at: 40, qemu: '352b', ours: '3020' },
        { at: 43, qemu: '5145', ours: '7461' },
        { at: 44, qemu: '4d55', ours: '6276' },
        { at: 45, qemu: '2048', ours: '6973' },
        { at: 46, qemu: '4152', ours: '6f72' },
        { at: 47, qemu: '4444', ours: '2048' },
        { at: 48, qemu: '4953', ours: '4152' },
        { at: 49, qemu: '4b20', ours: '4444' },
        { at: 50, qemu: '2020', ours: '4953' },
        { at: 51, qemu: '2020', ours: '4b20' },
      ],
      'CD: IDENTIFY PACKET DEVICE': [
        { at: 26, qemu: '514d', ours: '5456' },
        { at: 39, qemu: '322e', ours: '312e' },
        { at: 40, qemu: '352b', ours: '3020' },
        { at: 43, qemu: '5145', ours: '7461' },
        { at: 44, qemu: '4d55', ours: '6276' },
        { at: 45, qemu: '2044', ours: '6973' },
        { at: 46, qemu: '5644', ours: '6f72' },
        { at: 47, qemu: '2d52', ours: '2043' },
        { at: 48, qemu: '4f4d', ours: '442d' },
        { at: 49, qemu: '2020', ours: '524f' },
        { at: 50, qemu: '2020', ours: '4d20' },
      ],
      'CD: INQUIRY': [
        {
          at: 26,
          qemu: '058000211f00000051454d552020202051454d55204456442d524f4d20202020322e352b',
          ours: '058000211f0000007461627669736f7243442d524f4d20202020202020202020312e3020',
        },
      ],
    },
  },
  {
    reason:
      "The disk can switch its look-ahead, and says so (words 82 and 85); it says how long a TRIM's list may be (word 105).",
    places: {
      'IDENTIFY DEVICE': [
        { at: 98, qemu: '4021', ours: '4061' },
        { at: 101, qemu: '4021', ours: '4061' },
        { at: 121, qemu: '0000', ours: '0001' },
      ],
    },
  },
  {
    reason: 'There is no interrupt before the first block of a write (ATA/ATAPI-6, §9.6).',
    places: {
      'WRITE MULTIPLE EXT': [{ at: 23, qemu: 'high', ours: 'low' }],
    },
  },
  {
    reason: 'A sector that there is not is not found: IDNF rather than ABRT (ATA/ATAPI-6, §8.27).',
    places: {
      'past the end': [{ at: 9, qemu: '04', ours: '10' }],
    },
  },
  {
    reason: "Bit 0 of a descriptor's address is not there (82371SB datasheet, §2.7.4).",
    places: {
      'READ DMA, odd addresses and counts': [
        {
          at: 35,
          qemu: '007c8996a3b0bdcad7e4f1fe0b182532… 400 cee9bf9b38b651cf',
          ours: '7c8996a3b0bdcad7e4f1fe0b1825323f… 400 02d67b89142e70a4',
        },
      ],
    },
  },
  {
    reason: 'CHECK POWER MODE tells that the disk is in standby, and DSC stays set.',
    places: {
      'power modes': [
        { at: 7, qemu: '40', ours: '50' },
        { at: 15, qemu: '40', ours: '50' },
        { at: 39, qemu: '40', ours: '50' },
        { at: 47, qemu: '40', ours: '50' },
        { at: 58, qemu: 'ff', ours: '00' },
      ],
    },
  },
  {
    reason: 'DEVICE RESET leaves the result of a diagnosis in the error register (ATA/ATAPI-6, §8.10).',
    places: {
      'CD: DEVICE RESET': [{ at: 9, qemu: '00', ours: '01' }],
    },
  },
  {
    reason:
      'The information field of sense data is not valid, as it says; qualifiers say where the tray is (SPC-3, §4.5.3; MMC-5, annex F).',
    places: {
      'CD: TEST UNIT READY': [
        { at: 52, qemu: 'f00000000000000a00000000000000000000', ours: '700000000000000a00000000000000000000' },
      ],
      'CD: READ(10) past the end': [
        { at: 52, qemu: 'f00005000000000a00000000210000000000', ours: '700005000000000a00000000210000000000' },
      ],
      'CD: a packet that there is not': [
        { at: 52, qemu: 'f00005000000000a00000000200000000000', ours: '700005000000000a00000000200000000000' },
      ],
      'CD: READ TOC, a track that there is not': [
        { at: 52, qemu: 'f00005000000000a00000000240000000000', ours: '700005000000000a00000000240000000000' },
      ],
      'CD: MODE SENSE(10), saved values': [
        { at: 52, qemu: 'f00005000000000a00000000390000000000', ours: '700005000000000a00000000390000000000' },
      ],
      'CD: GET EVENT STATUS NOTIFICATION, not polled': [
        { at: 52, qemu: 'f00005000000000a00000000240000000000', ours: '700005000000000a00000000240000000000' },
      ],
      'CD: ejected': [
        { at: 52, qemu: 'f00000000000000a00000000000000000000', ours: '700000000000000a00000000000000000000' },
        { at: 115, qemu: 'f00002000000000a000000003a0000000000', ours: '700002000000000a000000003a0200000000' },
      ],
      'CD: eject while locked': [
        { at: 52, qemu: 'f00000000000000a00000000000000000000', ours: '700000000000000a00000000000000000000' },
      ],
    },
  },
  {
    reason:
      'The length in the reply to INQUIRY does not depend on what was asked for (SPC-3, §6.4.2), and the last word of an odd number of bytes ends the data.',
    places: {
      'CD: INQUIRY, cut off at an odd length': [
        { at: 26, qemu: '058000210000', ours: '058000211f00' },
        { at: 27, qemu: '58', ours: '50' },
        { at: 28, qemu: 'low', ours: 'high' },
        { at: 30, qemu: '02', ours: '03' },
        { at: 35, qemu: '58', ours: '50' },
      ],
    },
  },
  {
    reason: 'The lead-out has the control bits of the track; the reply about sessions says its own length.',
    places: {
      'CD: READ TOC': [
        { at: 26, qemu: '0012010100140100000000000016aa0000000200', ours: '0012010100140100000000000014aa0000000200' },
      ],
      'CD: READ TOC, in minutes': [
        { at: 26, qemu: '0012010100140100000002000016aa000000083e', ours: '0012010100140100000002000014aa000000083e' },
      ],
      'CD: READ TOC, sessions': [{ at: 26, qemu: '001201010014010000000000', ours: '000a01010014010000000000' }],
    },
  },
  {
    reason:
      "Lengths are those of what follows (MMC-5, §7.2.1; §6.7.2), the medium type is that of a data disc, capabilities and speeds are the drive's own.",
    places: {
      'CD: MODE SENSE(10), capabilities': [
        {
          at: 26,
          qemu: '001c7000000000002a143b007160290002c00002020002c000000000',
          ours: '001a0100000000002a121f0070002900108000000080108000000000',
        },
      ],
      'CD: GET EVENT STATUS NOTIFICATION': [{ at: 26, qemu: '0004041000020000', ours: '0006041000020000' }],
    },
  },
  {
    reason: 'A disc that the guest has ejected is a removal (MMC-5, §6.7.4).',
    places: {
      'CD: ejected': [{ at: 152, qemu: '0004041000010000', ours: '0006041003010000' }],
    },
  },
  {
    reason: 'Removal that is prevented is an illegal request (MMC-5, annex F).',
    places: {
      'CD: eject while locked': [
        { at: 81, qemu: '20', ours: '50' },
        { at: 115, qemu: 'f00002000000000a00000000530000000000', ours: '700005000000000a00000000530200000000' },
      ],
    },
  },
  {
    reason: 'A PACKET command that ends with ABRT interrupts as others do.',
    places: {
      'CD: no data may be carried': [{ at: 17, qemu: 'low', ours: 'high' }],
    },
  },
];
