// The commands of QEMU's machine protocol ("QEMU QMP Reference Manual") that there are here, with their arguments and what they return.
// What a command does not know it rejects with a QmpError that names it.

import type { DriveStatus } from '../../engine/host/api.ts';
import type { InputEvent } from '../../engine/pc/bus/input.ts';
import { humanCommand, screendump, VERSION } from './human-commands.ts';
import { HOLD_MS, keyCode, type MonitorPointer, pressKeys } from './keys.ts';
import { change, driveNamed, eject, isRemovable, type Machine, NoSuchDevice, runState } from './machine.ts';

export type QmpErrorClass = 'GenericError' | 'CommandNotFound' | 'DeviceNotFound';

export class QmpError extends Error {
  override name = 'QmpError';
  readonly errorClass: QmpErrorClass;

  constructor(errorClass: QmpErrorClass, message: string) {
    super(message);
    this.errorClass = errorClass;
  }
}

export interface QmpContext {
  machine: Machine;
  pointer: MonitorPointer;
}

type Arguments = Record<string, unknown>;

interface QmpCommand {
  /** Names of its arguments: those that must be there, and those that may. */
  required?: readonly string[];
  optional?: readonly string[];
  run(given: Arguments, context: QmpContext): Promise<unknown>;
}

const NOTHING = {};
/** Of x and y, QEMU's INPUT_EVENT_ABS_MAX. */
const ABSOLUTE_MOST = 0x7fff;

const COMMANDS: Readonly<Record<string, QmpCommand>> = {
  'blockdev-change-medium': {
    required: ['filename'],
    optional: ['device', 'id', 'format', 'force', 'read-only-mode'],
    async run(given, { machine }) {
      const { format } = given;
      if (format !== undefined && format !== 'raw') throw generic(`Unknown driver '${format}'`);
      const mode = given['read-only-mode'] ?? 'retain';
      if (!['retain', 'read-only', 'read-write'].includes(String(mode)))
        throw generic(`Parameter 'read-only-mode' does not accept value '${mode}'`);
      const options = { readOnly: mode === 'read-only', force: given.force === true, isRaw: format !== undefined };
      await change(machine, driveNamed(machine, device(given)), text(given, 'filename'), options);
      return NOTHING;
    },
  },
  cont: simple((machine) => machine.resume()),
  eject: {
    optional: ['device', 'id', 'force'],
    async run(given, { machine }) {
      await eject(machine, driveNamed(machine, device(given)), given.force === true);
      return NOTHING;
    },
  },
  'human-monitor-command': {
    required: ['command-line'],
    optional: ['cpu-index'],
    async run(given, context) {
      try {
        return (await humanCommand(text(given, 'command-line'), context)).replaceAll('\n', '\r\n');
      } catch (error) {
        // As in QEMU: what the human monitor says is the result.
        return `Error: ${(error as Error).message}\r\n`;
      }
    },
  },
  'input-send-event': {
    required: ['events'],
    optional: ['device', 'head'],
    async run({ events }, { machine, pointer }) {
      if (!Array.isArray(events)) throw generic("Invalid parameter type for 'events', expected: array");
      await machine.sendInput(events.map((event) => inputEvent(event, pointer)));
      return NOTHING;
    },
  },
  'query-block': {
    run: async (_given, { machine }) => {
      const { drives = [] } = await machine.status();
      return machine.drives.map(({ name, index }) => blockInfo(name, drives[index]));
    },
  },
  'query-blockstats': {
    optional: ['query-nodes'],
    run: async (_given, { machine }) => {
      const { drives = [] } = await machine.status();
      return machine.drives.map(({ name, index }) => {
        const { reads, writes, bytesRead, bytesWritten } = drives[index];
        const stats = { rd_bytes: bytesRead, wr_bytes: bytesWritten, rd_operations: reads, wr_operations: writes };
        return { device: name, stats };
      });
    },
  },
  'query-commands': {
    run: async () => [...Object.keys(COMMANDS), CAPABILITIES].map((name) => ({ name })),
  },
  'query-cpus-fast': {
    run: async () => [{ 'cpu-index': 0, 'qom-path': '/machine/unattached/device[0]', 'thread-id': 0, target: 'i386' }],
  },
  'query-kvm': { run: async () => ({ enabled: false, present: false }) },
  'query-name': { run: async (_given, { machine: { name } }) => (name === undefined ? NOTHING : { name }) },
  'query-status': {
    run: async (_given, { machine }) => {
      const status = runState(await machine.status());
      return { status, singlestep: false, running: status === 'running' };
    },
  },
  'query-version': { run: async () => VERSION_INFO },
  quit: simple(async (machine) => machine.quit()),
  screendump: {
    required: ['filename'],
    optional: ['device', 'head', 'format'],
    async run(given, { machine }) {
      await screendump(machine, text(given, 'filename'), String(given.format ?? 'ppm'));
      return NOTHING;
    },
  },
  'send-key': {
    required: ['keys'],
    optional: ['hold-time'],
    async run({ keys, 'hold-time': hold = HOLD_MS }, { machine }) {
      if (!Array.isArray(keys)) throw generic("Invalid parameter type for 'keys', expected: array");
      if (typeof hold !== 'number') throw generic("Invalid parameter type for 'hold-time', expected: integer");
      await pressKeys(machine, keys.map(keyValue), hold);
      return NOTHING;
    },
  },
  stop: simple((machine) => machine.pause()),
  system_powerdown: simple((machine) => machine.powerdown()),
  system_reset: simple((machine) => machine.reset()),
};

/** It is the session's own. */
export const CAPABILITIES = 'qmp_capabilities';

const [major, minor, micro] = VERSION.split('.').map(Number);
/** `package` says whose version it is. */
export const VERSION_INFO = { qemu: { major, minor, micro }, package: 'tabvisor' };

/** Rejects with an Error for the user; other than QmpError it is a GenericError. */
export async function qmpCommand(name: string, given: Arguments, context: QmpContext): Promise<unknown> {
  if (!Object.hasOwn(COMMANDS, name)) throw new QmpError('CommandNotFound', `The command ${name} has not been found`);
  const { required = [], optional = [], run } = COMMANDS[name];
  const missing = required.find((one) => given[one] === undefined);
  if (missing !== undefined) throw generic(`Parameter '${missing}' is missing`);
  const unknown = Object.keys(given).find((one) => !required.includes(one) && !optional.includes(one));
  if (unknown !== undefined) throw generic(`Parameter '${unknown}' is unexpected`);
  try {
    return await run(given, context);
  } catch (error) {
    if (error instanceof NoSuchDevice) throw new QmpError('DeviceNotFound', error.message);
    throw error;
  }
}

function simple(run: (machine: Machine) => Promise<void>): QmpCommand {
  return {
    async run(_given, { machine }) {
      await run(machine);
      return NOTHING;
    },
  };
}

function generic(message: string): QmpError {
  return new QmpError('GenericError', message);
}

function text(given: Arguments, name: string): string {
  const value = given[name];
  if (typeof value !== 'string') throw generic(`Invalid parameter type for '${name}', expected: string`);
  return value;
}

function device(given: Arguments): string {
  const name = given.device ?? given.id;
  if (typeof name !== 'string') throw generic("Parameter 'device' is missing");
  return name;
}

function keyValue(value: unknown): string {
  const { type, data } = object(value);
  if (type !== 'qcode' && type !== 'number') throw generic(`Parameter 'type' does not accept value '${String(type)}'`);
  return keyCode(type, data);
}

/** InputEvent of QEMU's schema. */
function inputEvent(value: unknown, pointer: MonitorPointer): InputEvent {
  const { type, data } = object(value);
  const fields = object(data);
  switch (type) {
    case 'key':
      return { kind: 'key', code: keyValue(fields.key), pressed: fields.down === true };
    case 'btn':
      return pointer.button(String(fields.button), fields.down === true);
    case 'rel': {
      const counts = Number(fields.value);
      return axis(fields) === 'x' ? pointer.move(counts, 0) : pointer.move(0, counts);
    }
    case 'abs':
      return pointer.moveTo(axis(fields), Number(fields.value) / ABSOLUTE_MOST);
    default:
      throw generic(`Parameter 'type' does not accept value '${String(type)}'`);
  }
}

function axis(fields: Arguments): 'x' | 'y' {
  if (fields.axis === 'x' || fields.axis === 'y') {
    if (Number.isFinite(Number(fields.value))) return fields.axis;
    throw generic("Invalid parameter type for 'value', expected: integer");
  }
  throw generic(`Parameter 'axis' does not accept value '${String(fields.axis)}'`);
}

function object(value: unknown): Arguments {
  if (typeof value !== 'object' || value === null) throw generic('Invalid parameter type, expected: object');
  return value as Arguments;
}

/** BlockInfo of QEMU's schema. */
function blockInfo(name: string, { medium, locked, ...drive }: DriveStatus) {
  return {
    device: name,
    type: 'unknown',
    removable: isRemovable(drive),
    locked,
    ...(isRemovable(drive) && { tray_open: medium === undefined }),
    ...(medium && {
      inserted: {
        file: medium.name,
        drv: 'raw',
        ro: medium.readOnly,
        image: { filename: medium.name, format: 'raw', 'virtual-size': medium.size },
      },
    }),
  };
}
