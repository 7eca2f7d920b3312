import { DRIVE_PROPERTIES } from '../../bus/block.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { FLOPPY_DRIVE } from '../../bus/floppy-formats.ts';
import { FloppyDrive } from './drive.ts';
import { FloppyController } from './floppy-controller.ts';

const IRQ = 6;
const DMA_CHANNEL = 2;

/** CMOS registers of the drives (IBM AT Technical Reference): a type in each half, and how many there are. */
const CMOS_TYPES = 0x10;
const CMOS_EQUIPMENT = 0x14;
const EQUIPMENT_FLOPPY = 0x01;
const EQUIPMENT_SECOND_FLOPPY = 0x40;
const EQUIPMENT_FLOPPIES = 0xc1;

export const floppyControllerModel = deviceModel({
  name: 'isa-fdc',
  role: 'board',
  help: 'floppy disk controller',
  builtIn: [{}],
  properties: {},
  acpi: () => [
    {
      ...{ name: 'FDC0', hid: 'PNP0700', irqs: [IRQ], dmaChannels: [DMA_CHANNEL] },
      ports: [
        [0x3f0, 6],
        [0x3f7, 1],
      ],
    },
  ],
  create(board) {
    const controller = new FloppyController({
      clock: board.clock,
      irq: board.interruptLine(IRQ),
      dma: board.dmaChannel(DMA_CHANNEL),
      running: !board.hasFirmware,
    });
    controller.attach(board.ports);
    return controller;
  },
});

export const floppyModel = deviceModel({
  name: 'floppy',
  role: 'drive',
  help: 'a floppy drive',
  most: 2,
  properties: {
    ...DRIVE_PROPERTIES,
    unit: { kind: 'number', least: 0, most: 1, unique: true, help: '0 for A:, 1 for B:' },
    type: {
      kind: 'number',
      least: FLOPPY_DRIVE.none,
      most: FLOPPY_DRIVE.mb2_88,
      default: FLOPPY_DRIVE.none,
      help: '1 for 360 KB, 2 for 1.2 MB, 3 for 720 KB, 4 for 1.44 MB, 5 for 2.88 MB, 0 for what its first disk needs',
    },
  },
  create(board, { index, unit, type }) {
    const drive = new FloppyDrive(type, (self) => board.connectDrive(index, self));
    board.deviceOf(FloppyController)?.connectDrive(unit, drive);
    board.addBootPath('floppy', `/pci@i0cf8/isa@1/fdc@03f0/floppy@${unit}`);
    board.defineCmos(CMOS_TYPES, drive.type << (unit === 0 ? 4 : 0), unit === 0 ? 0xf0 : 0x0f);
    const equipment = EQUIPMENT_FLOPPY | (unit === 1 ? EQUIPMENT_SECOND_FLOPPY : 0);
    board.defineCmos(CMOS_EQUIPMENT, equipment, unit === 1 ? EQUIPMENT_FLOPPIES : EQUIPMENT_FLOPPY);
    return undefined;
  },
});
