import { DRIVE_PROPERTIES } from '../../bus/block.ts';
import type { Board } from '../../bus/board.ts';
import type { BootDevice } from '../../bus/boot.ts';
import { DeviceSpecError, deviceModel } from '../../bus/device-model.ts';
import { CdDrive } from './cdrom.ts';
import { Piix3Ide } from './controller.ts';
import { IdeDisk } from './disk.ts';
import type { AtaDrive } from './drive.ts';

/** The function of the PIIX3 beside the ISA bridge. */
const SLOT = 1;
const FUNCTION = 1;

export const ideModel = deviceModel({
  name: 'piix3-ide',
  role: 'board',
  help: 'the IDE controller',
  builtIn: [{}],
  properties: {},
  create(board) {
    const controller = new Piix3Ide(board);
    board.pci.add(SLOT, FUNCTION, controller.pci);
    return controller;
  },
});

const PLACE_PROPERTIES = {
  ...DRIVE_PROPERTIES,
  bus: { kind: 'number', least: 0, most: 1, help: 'the channel: 0 primary, 1 secondary' },
  unit: { kind: 'number', least: 0, most: 1, help: 'which drive on the channel: 0 master, 1 slave' },
} as const;

interface Place {
  index: number;
  bus: number;
  unit: number;
}

export const ideHdModel = deviceModel({
  name: 'ide-hd',
  role: 'drive',
  help: 'an IDE disk',
  properties: PLACE_PROPERTIES,
  create: (board, place) => connected(board, 'disk', place, new IdeDisk(nameOf('ide-hd', place), serialOf(place))),
});

export const ideCdModel = deviceModel({
  name: 'ide-cd',
  role: 'drive',
  help: 'an IDE CD and DVD drive',
  properties: PLACE_PROPERTIES,
  create: (board, place) => connected(board, 'cdrom', place, new CdDrive(nameOf('ide-cd', place), serialOf(place))),
});

function connected<Drive extends AtaDrive>(
  board: Board,
  kind: BootDevice,
  { index, bus, unit }: Place,
  drive: Drive,
): Drive {
  const controller = board.deviceOf(Piix3Ide);
  if (!controller?.connect(bus, unit === 1 ? 1 : 0, drive))
    throw new DeviceSpecError(`two drives cannot both be unit ${unit} of the IDE bus ${bus}`);
  drive.connectPort(board.connectDrive(index, drive));
  board.addBootPath(kind, `/pci@i0cf8/ide@1,1/drive@${bus}/disk@${unit}`);
  return drive;
}

function nameOf(model: string, { bus, unit }: Place): string {
  return `${model}-${bus}-${unit}`;
}

/** In the manner of QEMU's: TV and the drive's place. */
function serialOf({ bus, unit }: Place): string {
  return `TV${String(2 * bus + unit + 1).padStart(5, '0')}`;
}
