// Plays the scenarios under QEMU and writes down what it answers:
//
//   npx tsx engine/pc/devices/i8042/testing/record-scenarios.ts
//
// Ports are accessed by QEMU's qtest protocol, keys and pointer come by QMP, the interrupt lines are intercepted at the controller. The
// machine's ROM halts the CPU with interrupts off, so nothing but the scenario touches the devices. QEMU begins anew for each one.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUTTON, type PointerInput } from '../../../bus/input.ts';
import { MONITOR_KEYS } from '../../../input/monitor-keys.ts';
import { play, readScenarios, type ScenarioMachine, writeScenarios } from './scenarios.ts';

const CONTROLLER = '/machine/unattached/device[17]';
const ROM_SIZE = 65536;
const LINES = [1, 12];
/** CLI; HLT at the reset vector. */
const HALT = [0xfa, 0xf4];
const BUTTONS: readonly [number, string][] = [
  [BUTTON.left, 'left'],
  [BUTTON.right, 'right'],
  [BUTTON.middle, 'middle'],
  [BUTTON.back, 'side'],
  [BUTTON.forward, 'extra'],
];
/** Where two names stand for one key, the one that QEMU gives the scan code of the table. */
const PREFERRED = new Map([
  ['PrintScreen', 'print'],
  ['ContextMenu', 'compose'],
  ['NumpadMultiply', 'kp_multiply'],
]);

class Qemu implements ScenarioMachine {
  readonly #process: ChildProcess;
  readonly #qmp: Socket;
  readonly #answers: AsyncIterator<string>;
  readonly #qmpAnswers: AsyncIterator<string>;
  readonly #high = new Set<number>();
  #buttons = 0;

  private constructor(process: ChildProcess, qmp: Socket) {
    this.#process = process;
    this.#qmp = qmp;
    this.#answers = lines(process.stdout!);
    this.#qmpAnswers = lines(qmp);
  }

  static async start(folder: string, number: number): Promise<Qemu> {
    const socket = join(folder, `qmp-${number}`);
    const process = spawn(
      'qemu-system-i386',
      [
        ...[
          '-accel',
          'tcg',
          '-m',
          '16',
          '-display',
          'none',
          '-monitor',
          'none',
          '-serial',
          'null',
          '-parallel',
          'null',
        ],
        ...['-bios', join(folder, 'rom'), '-qtest', 'stdio', '-qmp', `unix:${socket},server=on,wait=off`],
      ],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    );
    const qemu = new Qemu(process, await connected(socket));
    await qemu.#qmpAnswers.next();
    await qemu.#ask('qmp_capabilities', {});
    const { return: type } = (await qemu.#ask('qom-get', { path: CONTROLLER, property: 'type' })) as { return: string };
    if (type !== 'i8042') throw new Error(`QEMU has ${type} where the keyboard controller was expected`);
    await qemu.#tell(`irq_intercept_out ${CONTROLLER}`);
    await qemu.write(0x64, 0x60);
    await qemu.write(0x60, 0x00);
    return qemu;
  }

  async read(port: number): Promise<number> {
    return Number.parseInt((await this.#tell(`inb 0x${port.toString(16)}`)).slice('OK '.length), 16) & 0xff;
  }

  async write(port: number, value: number): Promise<void> {
    await this.#tell(`outb 0x${port.toString(16)} 0x${value.toString(16)}`);
  }

  async lines(): Promise<number[]> {
    await this.read(0x80);
    return LINES.filter((line) => this.#high.has(line));
  }

  async key(code: string, pressed: boolean): Promise<void> {
    const names = [...MONITOR_KEYS].filter(([, other]) => other === code).map(([name]) => name);
    const data = PREFERRED.get(code) ?? names[0];
    if (data === undefined) throw new Error(`QEMU has no name for ${code}`);
    await this.#send([{ type: 'key', data: { down: pressed, key: { type: 'qcode', data } } }]);
  }

  async pointer({ dx, dy, wheel, horizontalWheel, buttons }: PointerInput): Promise<void> {
    const button = (name: string, down: boolean) => ({ type: 'btn', data: { button: name, down } });
    const notches = (count: number, positive: string, negative: string) =>
      Array.from({ length: Math.abs(count) }, () => button(count > 0 ? positive : negative, true));
    await this.#send([
      ...(dx === 0 ? [] : [{ type: 'rel', data: { axis: 'x', value: dx } }]),
      ...(dy === 0 ? [] : [{ type: 'rel', data: { axis: 'y', value: dy } }]),
      ...notches(wheel, 'wheel-down', 'wheel-up'),
      ...notches(horizontalWheel, 'wheel-right', 'wheel-left'),
      ...BUTTONS.filter(([bit]) => (bit & (buttons ^ this.#buttons)) !== 0).map(([bit, name]) =>
        button(name, (bit & buttons) !== 0),
      ),
    ]);
    this.#buttons = buttons;
  }

  end(): void {
    this.#qmp.destroy();
    this.#process.kill();
  }

  async #send(events: object[]): Promise<void> {
    await this.#ask('input-send-event', { events });
    // The event is handled in QEMU's main loop.
    await sleep(5);
  }

  async #ask(execute: string, args: object): Promise<unknown> {
    this.#qmp.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    for (;;) {
      const { value } = await this.#qmpAnswers.next();
      const answer = JSON.parse(value);
      if (answer.error) throw new Error(`${execute}: ${answer.error.desc}`);
      if ('return' in answer) return answer;
    }
  }

  async #tell(command: string): Promise<string> {
    this.#process.stdin?.write(`${command}\n`);
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done) throw new Error('QEMU has ended');
      const [, direction, line] = /^IRQ (raise|lower) (\d+)/.exec(value) ?? [];
      if (direction === 'raise') this.#high.add(LINES[Number(line)]);
      else if (direction === 'lower') this.#high.delete(LINES[Number(line)]);
      else if (value.startsWith('FAIL')) throw new Error(`${command}: ${value}`);
      else if (value.startsWith('OK')) return value;
    }
  }
}

function lines(input: NodeJS.ReadableStream): AsyncIterator<string> {
  return createInterface({ input })[Symbol.asyncIterator]();
}

async function connected(socket: string): Promise<Socket> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const stream = connect(socket);
    const open = await new Promise<boolean>((resolve) => {
      stream.once('connect', () => resolve(true));
      stream.once('error', () => resolve(false));
    });
    if (open) return stream;
    await sleep(50);
  }
  throw new Error('QEMU does not open its QMP socket');
}

const folder = mkdtempSync(join(tmpdir(), 'tabvisor-i8042-'));
try {
  const rom = new Uint8Array(ROM_SIZE).fill(HALT[1]);
  rom.set(HALT, ROM_SIZE - 16);
  writeFileSync(join(folder, 'rom'), rom);
  const recorded = [];
  for (const [number, { name, steps }] of readScenarios().entries()) {
    const qemu = await Qemu.start(folder, number);
    recorded.push({ name, steps: await play(qemu, steps) });
    qemu.end();
  }
  writeScenarios(recorded);
} finally {
  rmSync(folder, { recursive: true });
}
