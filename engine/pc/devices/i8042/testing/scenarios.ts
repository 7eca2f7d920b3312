// Scenarios for the keyboard controller with keyboard and mouse, as text: what is done to it, and what is read. QEMU has recorded the
// answers (record-scenarios.ts); qemu-trace.test.ts plays them.
//
//   # NAME                              a machine just built, its controller's command byte 00h
//   w PORT VALUE                        hexadecimal
//   r PORT = VALUE
//   irq = 1 12                          the lines that are high; - for none
//   down CODE, up CODE                  KeyboardEvent.code
//   pointer DX DY WHEEL HWHEEL BUTTONS  decimal, as PointerInput; BUTTONS bits
//   drain                               reads what there is: answers that QEMU has not right
//   all = VALUE ...                     reads port 60h for as long as the output buffer is full; the mouse's bytes are marked m

import { readFileSync, writeFileSync } from 'node:fs';
import type { PointerInput } from '../../../bus/input.ts';

const FILE = new URL('scenarios.txt', import.meta.url);

export interface Scenario {
  name: string;
  steps: string[];
}

/** What plays scenarios. A time that is long for the device passes before each call. */
export interface ScenarioMachine {
  read(port: number): Promise<number> | number;
  write(port: number, value: number): Promise<void> | void;
  lines(): Promise<number[]> | number[];
  key(code: string, pressed: boolean): Promise<void> | void;
  pointer(input: PointerInput): Promise<void> | void;
}

const STATUS_PORT = 0x64;
const DATA_PORT = 0x60;
const OUTPUT_FULL = 0x01;
const FROM_MOUSE = 0x20;
/** More than any scenario has. */
const MAXIMUM_BYTES = 600;

export function readScenarios(): Scenario[] {
  const scenarios: Scenario[] = [];
  for (const line of readFileSync(FILE, 'utf8').split('\n')) {
    if (line.startsWith('# ')) scenarios.push({ name: line.slice(2), steps: [] });
    else if (line !== '') scenarios.at(-1)?.steps.push(line);
  }
  return scenarios;
}

export function writeScenarios(scenarios: readonly Scenario[]): void {
  writeFileSync(FILE, `${scenarios.map(({ name, steps }) => [`# ${name}`, ...steps, ''].join('\n')).join('\n')}`);
}

/** Returns the steps with the answers that the machine gave. */
export async function play(machine: ScenarioMachine, steps: readonly string[]): Promise<string[]> {
  const played: string[] = [];
  for (const step of steps) played.push(await playStep(machine, step));
  return played;
}

async function playStep(machine: ScenarioMachine, step: string): Promise<string> {
  const [action] = step.split(' = ');
  const [verb, ...words] = action.replace(/ =$/, '').split(' ');
  switch (verb) {
    case 'w':
      await machine.write(Number.parseInt(words[0], 16), Number.parseInt(words[1], 16));
      return step;
    case 'r':
      return `r ${words[0]} = ${hex(await machine.read(Number.parseInt(words[0], 16)))}`;
    case 'irq':
      return `irq = ${(await machine.lines()).join(' ') || '-'}`;
    case 'down':
    case 'up':
      await machine.key(words[0], verb === 'down');
      return step;
    case 'pointer': {
      const [dx, dy, wheel, horizontalWheel, buttons] = words.map(Number);
      await machine.pointer({ dx, dy, wheel, horizontalWheel, buttons });
      return step;
    }
    case 'drain':
      await readAll(machine);
      return step;
    case 'all':
      return `all = ${(await readAll(machine)).join(' ') || '-'}`;
    default:
      throw new Error(`a scenario has no step "${step}"`);
  }
}

async function readAll(machine: ScenarioMachine): Promise<string[]> {
  const read: string[] = [];
  while (read.length < MAXIMUM_BYTES) {
    const status = await machine.read(STATUS_PORT);
    if (!(status & OUTPUT_FULL)) break;
    read.push(`${hex(await machine.read(DATA_PORT))}${status & FROM_MOUSE ? 'm' : ''}`);
  }
  return read;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
