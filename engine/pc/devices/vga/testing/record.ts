// Records what QEMU's standard VGA answers to the scenarios: `npx tsx engine/pc/devices/vga/testing/record.ts`, with qemu-system-i386
// installed, writes qemu.json beside this file.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pixelsHash } from './pixels-hash.ts';
import { SCENARIOS, type Scenario, type Step, sequence } from './scenarios.ts';

const SUFFIXES = { 1: 'b', 2: 'w', 4: 'l' } as const;

const command = (step: Step): string => {
  switch (step.do) {
    case 'out':
      return `out${SUFFIXES[step.size]} ${step.port} ${step.value}`;
    case 'in':
      return `in${SUFFIXES[step.size]} ${step.port}`;
    case 'look':
      return 'inb 0x3da';
    case 'write':
      return `write${SUFFIXES[step.size]} ${step.address} ${step.value}`;
    case 'read':
      return `read${SUFFIXES[step.size]} ${step.address}`;
    case 'fill':
      return `write ${step.address} ${step.length} 0x${Buffer.from(sequence(step.seed, step.length)).toString('hex')}`;
  }
};

async function connect(path: string): Promise<Socket> {
  for (let tries = 0; ; tries++) {
    const socket = createConnection(path);
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (connected) return socket;
    if (tries === 50) throw new Error(`QEMU does not listen on ${path}`);
    await sleep(100);
  }
}

/** Each call sends a line, and gives the next one that `isAnswer`. */
function talk(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, isAnswer: (line: string) => boolean) {
  const lines = createInterface({ input })[Symbol.asyncIterator]();
  return async (line: string): Promise<string> => {
    output.write(`${line}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`QEMU ended at: ${line.slice(0, 80)}`);
      if (isAnswer(value)) return value;
    }
  };
}

/** Pixels of a binary PPM. */
function ppmPixels(file: Buffer): { width: number; height: number; rgb: Uint8Array } {
  const [header, width, height] = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(file.subarray(0, 64).toString('latin1')) ?? [];
  if (header === undefined) throw new Error('not a PPM');
  return { width: Number(width), height: Number(height), rgb: file.subarray(header.length) };
}

async function record({ steps, picture }: Scenario): Promise<{ read: number[]; picture?: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'vga-'));
  const qmpPath = join(folder, 'qmp');
  const machine = ['-M', 'pc', '-accel', 'tcg', '-S', '-display', 'none', '-vga', 'std', '-net', 'none'];
  const qemu = spawn(
    'qemu-system-i386',
    [...machine, '-qtest', 'stdio', '-qtest-log', '/dev/null', '-qmp', `unix:${qmpPath},server=on,wait=off`],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  try {
    const socket = await connect(qmpPath);
    const qtest = talk(qemu.stdout, qemu.stdin, (line) => line.startsWith('OK') || line.startsWith('FAIL'));
    const qmp = talk(socket, socket, (line) => line.includes('"return"') || line.includes('"error"'));
    await qmp('{"execute":"qmp_capabilities"}');
    const values: number[] = [];
    for (const step of steps) {
      const answer = await qtest(command(step));
      if (!answer.startsWith('OK')) throw new Error(`${command(step).slice(0, 80)}: ${answer}`);
      if (step.do === 'in' || step.do === 'read') values.push(Number(answer.slice(3)) % 2 ** 32);
    }
    if (!picture) return { read: values };
    const file = join(folder, 'screen.ppm');
    // The first one may still be of the size that it had before.
    for (let n = 0; n < 2; n++) await qmp(`{"execute":"screendump","arguments":{"filename":"${file}"}}`);
    const { width, height, rgb } = ppmPixels(readFileSync(file));
    socket.end();
    return { read: values, picture: `${width}x${height} ${pixelsHash(rgb, picture)}` };
  } finally {
    qemu.kill();
    rmSync(folder, { recursive: true });
  }
}

const recorded: Record<string, unknown> = {};
for (const scenario of SCENARIOS) {
  recorded[scenario.name] = await record(scenario);
  console.log(scenario.name);
}
const lines = Object.entries(recorded).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
writeFileSync(new URL('qemu.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
