// npx tsx conformance/images/compare.ts FOLDER "STEPS" OPTIONS…: runs a machine with the same options in the runner and in qemu-system-i386, does
// the same to both and says where their screens and COM1 differ. What both show goes to FOLDER, as PPM. Not part of the tests: it goes by QEMU's clock.
//
// STEPS are words: `settle` waits until the screen stands still (but for a cursor), at most a minute; `settle:N` for at most N
// seconds; `wait:N` waits N seconds; `text:WORDS_WITH_UNDERLINES` types; `look` compares; any other word is a key for the monitor's `sendkey`, or, with
// `=`, a command of the monitor (`=system_reset`). A comparison is made at the end too.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Picture, WatchedMachine } from './machine.ts';

const SETTLE_S = 60;
const STILL_LOOKS = 3;
const KEY_PAUSE_MS = 150;
/** Pixels of a cursor of 9 × 16, both places of one that has moved. */
const CURSOR_PIXELS = 300;
/** QEMU makes 168 of the DAC's 42, the runner 170. */
const COLOR_STEP = 3;
const KEY_NAMES: Readonly<Record<string, string>> = {
  _: 'spc',
  '.': 'dot',
  '/': 'slash',
  '-': 'minus',
  ':': 'shift-semicolon',
  '=': 'equal',
  ',': 'comma',
  '\\': 'backslash',
  '(': 'shift-9',
  ')': 'shift-0',
  '*': 'shift-8',
  '+': 'shift-equal',
  ';': 'semicolon',
}; // prettier-ignore

const [folder, steps, ...options] = process.argv.slice(2);
if (steps === undefined) {
  process.stderr.write('compare: FOLDER and STEPS are needed; the head of this file explains them.\n');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

const machines = {
  runner: new WatchedMachine(['npx', 'tsx', 'cli/vm.ts'], ['-vga', 'std', ...options], join(folder, 'runner')),
  qemu: new WatchedMachine(
    ['qemu-system-i386', '-accel', 'tcg', '-M', 'pc', '-cpu', 'pentium3', '-vga', 'std', '-nic', 'none'],
    options,
    join(folder, 'qemu'),
  ),
};

function differing(one: Picture | undefined, other: Picture | undefined): number {
  if (one === undefined || other === undefined) return one === other ? 0 : Number.POSITIVE_INFINITY;
  if (one.width !== other.width || one.height !== other.height) return Number.POSITIVE_INFINITY;
  let pixels = 0;
  for (let at = 0; at < one.width * one.height * 3; at += 3)
    if ([0, 1, 2].some((color) => Math.abs(one.pixels[at + color] - other.pixels[at + color]) > COLOR_STEP)) pixels++;
  return pixels;
}

async function settle(machine: WatchedMachine, seconds: number): Promise<void> {
  let last = await machine.picture();
  for (let passed = 0, still = 0; passed < seconds && still < STILL_LOOKS; passed++) {
    await sleep(1000);
    const next = await machine.picture();
    still = differing(last, next) <= CURSOR_PIXELS ? still + 1 : 0;
    last = next;
  }
}

async function step(machine: WatchedMachine, word: string): Promise<void> {
  const [name, value = ''] = word.split(/:(.*)/s);
  if (name === 'settle') return settle(machine, value === '' ? SETTLE_S : Number(value));
  if (name === 'wait') return sleep(Number(value) * 1000).then(() => {});
  if (word.startsWith('=')) return machine.command(word.slice(1).replaceAll('_', ' '));
  const keys =
    name === 'text'
      ? [...value].map((one) => KEY_NAMES[one] ?? (/[A-Z]/.test(one) ? `shift-${one.toLowerCase()}` : one))
      : [word];
  for (const key of keys) {
    machine.command(`sendkey ${key} 50`);
    await sleep(KEY_PAUSE_MS);
  }
}

function ppm({ width, height, pixels }: Picture): Buffer {
  return Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), pixels]);
}

const size = (picture: Picture | undefined) => (picture ? `${picture.width}x${picture.height}` : 'none');

let looks = 0;
async function look(): Promise<void> {
  const [runner, qemu] = await Promise.all([machines.runner.picture(), machines.qemu.picture()]);
  const number = looks++;
  for (const [name, picture] of Object.entries({ runner, qemu }))
    if (picture) writeFileSync(join(folder, `${number}-${name}.ppm`), ppm(picture));
  const pixels = differing(runner, qemu);
  const verdict = pixels === 0 ? 'same' : `${pixels} pixels differ`;
  process.stdout.write(`look ${number}: runner ${size(runner)}, qemu ${size(qemu)}, ${verdict}\n`);
}

try {
  await Promise.all(Object.values(machines).map((machine) => machine.connect()));
  for (const word of steps.split(/\s+/).filter(Boolean)) {
    if (word === 'look') await look();
    else await Promise.all(Object.values(machines).map((machine) => step(machine, word)));
  }
  await look();
  const [ours, theirs] = [machines.runner.serial(), machines.qemu.serial()];
  process.stdout.write(`COM1: ${ours === theirs ? `same, ${ours.length} bytes` : 'differs'}\n`);
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`);
}
for (const [name, machine] of Object.entries(machines)) {
  if (machine.ended !== undefined)
    process.stdout.write(`${name} ended: ${machine.ended}\n${machine.log.slice(-800)}\n`);
  machine.end();
}
setTimeout(() => process.exit(), 2500);
