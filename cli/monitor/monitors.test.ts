// Monitors at their sockets, of a machine on the real engine. The guest prints a dot whenever it is started, and waits.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../engine/base/testing/eventually.ts';
import { createExecutor } from '../../engine/cpu/executor/executor.ts';
import { ensureEngine } from '../../scripts/build-engine.ts';
import { nodePlatform } from '../../workers/platform-node.ts';
import { inProcessPlatform } from '../../workers/testing/in-process-platform.ts';
import { tinyKernel } from '../../workers/testing/tiny-kernel.ts';
import { parseCommandLine } from '../options.ts';
import { run } from '../runner.ts';

/** mov dx, 3f8h; mov al, '.'; out dx, al; sti; jmp to itself */
const KERNEL = [0x66, 0xba, 0xf8, 0x03, 0xb0, 0x2e, 0xee, 0xfb, 0xeb, 0xfe];
const SECTORS = 2880;

let folder: string;
beforeAll(async () => {
  await ensureEngine();
  folder = await mkdtemp(join(tmpdir(), 'monitors-'));
  await writeFile(join(folder, 'kernel'), tinyKernel(KERNEL));
  for (const name of ['a.img', 'b.img']) await writeFile(join(folder, name), new Uint8Array(SECTORS * 512));
});
afterAll(() => rm(folder, { recursive: true }));

async function start(line: string) {
  const parsed = parseCommandLine(line.replaceAll('@', `${folder}/`).split(' '));
  if (parsed.kind !== 'run') throw new Error('no options to run with');
  let printed = '';
  const console = {
    print(bytes: Uint8Array) {
      printed += Buffer.from(bytes).toString();
    },
    tell() {},
  };
  const runner = await run(parsed.options, console, inProcessPlatform(createExecutor, nodePlatform.loadModules));
  return { runner, printed: () => printed };
}

async function client(path: string) {
  const socket: Socket = connect(join(folder, path));
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes;
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
  return { say: (text: string) => socket.write(text), heard: () => heard, closed };
}

it('both serve one machine, to its end', async () => {
  const { runner, printed } = await start(
    '-m 8 -kernel @kernel -vga std -fda @a.img -monitor unix:@m,server,nowait -qmp unix:@q,server,nowait',
  );
  await eventually(() => expect(printed()).toBe('.'));
  const human = await client('m');
  const qmp = await client('q');
  qmp.say('{"execute":"qmp_capabilities"}');
  await eventually(() => expect(qmp.heard()).toContain('{"return":{}}'));

  human.say('stop\ninfo status\ninfo registers\n');
  await eventually(() => expect(human.heard()).toMatch(/VM status: paused[\s\S]*EIP=00100008[\s\S]*\(qemu\) $/));
  await eventually(() => expect(qmp.heard()).toContain('"event":"STOP"'));
  human.say('cont\nsystem_reset\n');
  await eventually(() => expect(printed()).toBe('..'));
  await eventually(() => expect(qmp.heard()).toMatch(/"event":"RESUME"[\s\S]*"event":"RESET","data":\{"guest":false/));

  await writeFile(`${folder}/c.img`, Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'));
  human.say(`change floppy0 ${folder}/c.img\n`);
  await eventually(() => expect(human.heard()).toMatch(/Error: c\.img: .*qemu-img convert/));
  human.say(`change floppy0 ${folder}/b.img\ninfo block\neject floppy0\n`);
  await eventually(() => expect(human.heard()).toContain('b.img (raw)'));
  await eventually(() =>
    expect(
      qmp
        .heard()
        .match(/"tray-open":(true|false)/g)
        ?.at(-1),
    ).toBe('"tray-open":true'),
  );
  human.say(`screendump ${folder}/shot.ppm\n`);
  await eventually(() => expect(human.heard()).toMatch(/shot\.ppm\r\n\(qemu\) $/));
  expect(human.heard().match(/Error/g)).toHaveLength(1);

  qmp.say('{"execute":"quit","id":9}');
  expect(await runner.finished).toBe(0);
  await Promise.all([human.closed, qmp.closed]);
  expect(qmp.heard()).toMatch(/\{"return":\{\},"id":9\}\r\n.*"event":"SHUTDOWN".*"host-qmp-quit"/);
}, 60_000);

it('starts a machine again that was powered off and stays', async () => {
  // mov dx, 604h; mov ax, 2000h; out dx, ax: it powers itself off.
  const off = [...KERNEL.slice(0, 7), 0x66, 0xba, 0x04, 0x06, 0x66, 0xb8, 0x00, 0x20, 0x66, 0xef, 0xeb, 0xfe];
  await writeFile(join(folder, 'off'), tinyKernel(off));
  const { runner, printed } = await start('-m 8 -kernel @off -no-shutdown -monitor unix:@m2,server,nowait');
  const human = await client('m2');
  await eventually(async () => {
    human.say('info status\n');
    expect(human.heard()).toContain('VM status: paused (shutdown)');
  });
  human.say('system_reset\n');
  await eventually(() => expect(printed()).toBe('..'));
  human.say('quit\n');
  expect(await runner.finished).toBe(0);
}, 60_000);

it('says what it cannot listen at', async () => {
  await writeFile(join(folder, 'file'), 'kept');
  await expect(start('-m 8 -kernel @kernel -monitor unix:@file,server,nowait')).rejects.toThrow(
    `The monitor cannot listen at ${folder}/file`,
  );
});
