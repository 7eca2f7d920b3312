// The commands of the human monitor, by QEMU's names ("QEMU System Emulation User's Guide", QEMU Monitor). Each takes what stands behind
// its name and resolves with what is to be printed. What it cannot do it rejects, with an Error that names it.

import { writeFile } from 'node:fs/promises';
import type { DriveStatus, Registers } from '../../engine/host/api.ts';
import { formatRegisters } from '../common/registers-text.ts';
import { HOLD_MS, keysOf, type MonitorPointer, pressKeys } from './keys.ts';
import { change, driveNamed, eject, isRemovable, type Machine, runState } from './machine.ts';
import { type PictureFormat, pictureFile } from './screen-picture.ts';

export interface CommandContext {
  machine: Machine;
  pointer: MonitorPointer;
}

interface Command {
  /** Behind the name, for help. */
  usage: string;
  help: string;
  run(words: readonly string[], context: CommandContext): Promise<string>;
}

export const VERSION = '0.1.0';

const COMMANDS: Readonly<Record<string, Command>> = {
  change: {
    usage: 'device filename [raw] [retain|read-only|read-write]',
    help: 'put another medium into a CD or floppy drive',
    async run(words, { machine }) {
      const force = words[0] === '-f';
      const [device, file, format, mode = 'retain'] = force ? words.slice(1) : words;
      if (file === undefined) throw new Error('change: device and filename are needed');
      if (format !== undefined && format !== 'raw') throw new Error(`change: "${format}" is no format here, only raw`);
      if (!['retain', 'read-only', 'read-write'].includes(mode)) throw new Error(`change: "${mode}" is no mode`);
      const isRaw = format !== undefined;
      await change(machine, driveNamed(machine, device), file, { readOnly: mode === 'read-only', force, isRaw });
      return '';
    },
  },
  cont: {
    usage: '',
    help: 'go on after stop',
    async run(_words, { machine }) {
      await machine.resume();
      return '';
    },
  },
  eject: {
    usage: '[-f] device',
    help: 'take a medium out; -f: although the guest has locked the drive',
    async run(words, { machine }) {
      const force = words[0] === '-f';
      const device = words[force ? 1 : 0];
      if (device === undefined) throw new Error('eject: device is needed');
      await eject(machine, driveNamed(machine, device), force);
      return '';
    },
  },
  help: {
    usage: '[command]',
    help: 'this list',
    run: async ([name]) => helpText(name),
  },
  info: {
    usage: '[subcommand]',
    help: 'tell about the machine',
    run: async ([name], context) => info(name, context),
  },
  mouse_button: {
    usage: 'state',
    help: 'set which buttons are held: 1 left, 2 right, 4 middle, added up',
    async run([state], { machine, pointer }) {
      await machine.sendInput([pointer.setButtons(wholeNumber('mouse_button', state))]);
      return '';
    },
  },
  mouse_move: {
    usage: 'dx dy [dz]',
    help: 'move the mouse and its wheel',
    async run([dx, dy, dz = '0'], { machine, pointer }) {
      const counts = [dx, dy, dz].map((text) => wholeNumber('mouse_move', text));
      await machine.sendInput([pointer.move(counts[0], counts[1], counts[2])]);
      return '';
    },
  },
  quit: {
    usage: '',
    help: 'end the machine and the program',
    async run(_words, { machine }) {
      machine.quit();
      return '';
    },
  },
  screendump: {
    usage: 'filename [-f ppm|png]',
    help: 'write what the screen shows to a file',
    async run(words, { machine }) {
      const flag = words.indexOf('-f');
      const format = flag < 0 ? 'ppm' : words[flag + 1];
      const [file] = flag < 0 ? words : words.toSpliced(flag, 2);
      if (file === undefined) throw new Error('screendump: filename is needed');
      await screendump(machine, file, format);
      return '';
    },
  },
  sendkey: {
    usage: 'keys [hold_ms]',
    help: 'press keys together, for instance ctrl-alt-delete',
    async run([keys, hold = String(HOLD_MS)], { machine }) {
      if (keys === undefined) throw new Error('sendkey: keys are needed');
      await pressKeys(machine, keysOf(keys), wholeNumber('sendkey', hold));
      return '';
    },
  },
  stop: {
    usage: '',
    help: 'let the machine stand still',
    async run(_words, { machine }) {
      await machine.pause();
      return '';
    },
  },
  system_powerdown: {
    usage: '',
    help: 'press the power button',
    async run(_words, { machine }) {
      await machine.powerdown();
      return '';
    },
  },
  system_reset: {
    usage: '',
    help: 'reset the machine',
    async run(_words, { machine }) {
      await machine.reset();
      return '';
    },
  },
};

const SHORT: Readonly<Record<string, string>> = { c: 'cont', q: 'quit', s: 'stop', '?': 'help' };

/** What the line's command prints, with line ends; empty: nothing. Rejects with an Error for the user. */
export async function humanCommand(line: string, context: CommandContext): Promise<string> {
  const [given, ...words] = wordsOf(line);
  if (given === undefined) return '';
  const name = Object.hasOwn(SHORT, given) ? SHORT[given] : given;
  if (!Object.hasOwn(COMMANDS, name)) throw new Error(`unknown command: '${given}'`);
  return COMMANDS[name].run(words, context);
}

/** Names that begin so, for completion. */
export function commandsWith(start: string): string[] {
  return Object.keys(COMMANDS).filter((name) => name.startsWith(start));
}

/** In double quotes a word may have spaces; \ before " and \ there. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [, quoted, plain] of line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g))
    words.push(plain ?? quoted.replace(/\\(.)/g, '$1'));
  return words;
}

export async function screendump(machine: Machine, file: string, format: string): Promise<void> {
  if (format !== 'ppm' && format !== 'png') throw new Error(`screendump: "${format}" is no format, ppm and png are`);
  await writeFile(file, pictureFile(await machine.screen(), format satisfies PictureFormat));
}

function helpText(name: string | undefined): string {
  if (name !== undefined && !Object.hasOwn(COMMANDS, name)) throw new Error(`unknown command: '${name}'`);
  const line = (one: string) => `${one} ${COMMANDS[one].usage}`.trim().concat(` -- ${COMMANDS[one].help}\n`);
  if (name === 'info' || name === undefined) {
    const all = name === undefined ? Object.keys(COMMANDS) : [name];
    return all
      .map(line)
      .concat(Object.keys(INFO).map((one) => `info ${one}\n`))
      .join('');
  }
  return line(name);
}

const INFO: Readonly<Record<string, (machine: Machine) => Promise<string>>> = {
  block: async (machine) => {
    const { drives = [] } = await machine.status();
    return machine.drives.map(({ name, index }) => driveText(name, drives[index])).join('\n');
  },
  blockstats: async (machine) => {
    const { drives = [] } = await machine.status();
    return machine.drives
      .map(({ name, index }) => {
        const { bytesRead, bytesWritten, reads, writes } = drives[index];
        return `${name}: rd_bytes=${bytesRead} wr_bytes=${bytesWritten} rd_operations=${reads} wr_operations=${writes}\n`;
      })
      .join('');
  },
  cpus: async () => '* CPU #0: thread_id=0\n',
  name: async ({ name }) => (name === undefined ? '' : `${name}\n`),
  network: async ({ nics }) =>
    nics
      .map(
        ({ name, spec, netdev, netdevText }) =>
          `${name}: index=0,type=nic,model=${spec.model},macaddr=${spec.mac}\n \\ ${netdev}: index=0,${netdevText}\n`,
      )
      .join(''),
  registers: async (machine) => registersText(await machine.registers()),
  status: async (machine) => {
    const state = runState(await machine.status());
    return state === 'running' || state === 'paused' ? `VM status: ${state}\n` : `VM status: paused (${state})\n`;
  },
  version: async () => `${VERSION}\n`,
};

async function info(name: string | undefined, { machine }: CommandContext): Promise<string> {
  if (name === undefined) return helpText('info');
  if (!Object.hasOwn(INFO, name)) throw new Error(`unknown command: 'info ${name}'`);
  return INFO[name](machine);
}

function registersText(registers: Registers): string {
  return formatRegisters(registers).toUpperCase();
}

function driveText(name: string, { medium, locked, ...drive }: DriveStatus): string {
  const lies = medium ? `${medium.name} (raw${medium.readOnly ? ', read-only' : ''})` : '[not inserted]';
  const removable = `    Removable device: ${locked ? '' : 'not '}locked, tray ${medium ? 'closed' : 'open'}\n`;
  return `${name}: ${lies}\n${isRemovable(drive) ? removable : ''}`;
}

function wholeNumber(command: string, text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || text.trim() === '' || !Number.isInteger(value))
    throw new Error(`${command}: "${text ?? ''}" is no whole number`);
  return value;
}
