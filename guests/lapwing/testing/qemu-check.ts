// npx tsx guests/lapwing/testing/qemu-check.ts [NAME]: runs Lapwing in qemu-system-i386 and checks what it does on screen, keyboard, serial line
// and disks; with NAME only the checks whose name contains it. Not part of the tests: it
// waits on QEMU's clock, and needs mtools for a FAT16 disk.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { fat12Floppy } from '../fat12.ts';
import { floppyImage } from '../files.ts';
import { readFat12 } from './fat12-reader.ts';
import { lifeCells } from './life-reference.ts';
import { Qemu } from './qemu.ts';

const PROMPT = 'lapwing> ';
const folder = mkdtempSync(join(tmpdir(), 'lapwing-check-'));
const image = floppyImage();
const files = readFat12(image);

function disk(name: string, content: Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const drive = (file: string, rest: string) => `format=raw,snapshot=on,file=${file},${rest}`;
const floppy = disk('lapwing.img', image);
const FLOPPY = ['-drive', drive(floppy, 'if=floppy')];

/** A hard disk of 64 MiB whose first partition, from sector 63, is FAT16; made by mtools. */
function fat16Disk(content: Uint8Array): string {
  const file = disk('fat16.img', new Uint8Array(64 << 20));
  const payload = disk('payload.bin', content);
  const partition = Buffer.from([0x80, 1, 1, 0, 0x06, 15, 63, 130, 63, 0, 0, 0, 0xc1, 0xff, 1, 0]);
  const table = new Uint8Array(512);
  table.set(partition, 446);
  table.set([0x55, 0xaa], 510);
  const whole = readFileSync(file);
  whole.set(table);
  writeFileSync(file, whole);
  const at = `${file}@@${63 * 512}`;
  execFileSync('mformat', ['-i', at, '-T', '131009', '-h', '16', '-s', '63', '-H', '63', '-v', 'SIXTEEN', '::']);
  execFileSync('mmd', ['-i', at, '::DEEP', '::DEEP/DEEPER']);
  execFileSync('mcopy', ['-i', at, payload, '::DEEP/DEEPER/PAYLOAD.BIN']);
  return file;
}

const payload = new Uint8Array(300_000).map((_, n) => (n * 2654435761) >>> 13);
const HARD_DISKS = ['-drive', drive(fat16Disk(payload), 'if=ide,index=0'), '-drive', drive(floppy, 'if=ide,index=3')];

const sum = (bytes: Uint8Array) => `${crc32(bytes).toString(16).padStart(8, '0')} ${bytes.length} bytes`;

/** Rows 1 to 3 of the text screen as they are drawn, 16 lines each: no clock and no cursor are in them. */
async function drawnRows(qemu: Qemu): Promise<Buffer> {
  const file = join(folder, 'screen.ppm');
  await qemu.monitor(`screendump "${file}"`);
  const ppm = readFileSync(file);
  const [, width, , start] = /^P6\n(\d+) (\d+)\n255\n()/.exec(ppm.subarray(0, 32).toString('latin1')) ?? [];
  assert(start !== undefined, 'screendump gives a PPM');
  const line = Number(width) * 3;
  const pixels = ppm.subarray(ppm.indexOf('255\n') + 4);
  return Buffer.from(pixels.subarray(16 * line, 64 * line));
}

const checks: { name: string; args: string[]; run: (qemu: Qemu) => Promise<void> }[] = [
  {
    name: 'boot: banner and prompt on both consoles, the clock in the corner',
    args: FLOPPY,
    run: async (qemu) => {
      assert.match(await qemu.expect(PROMPT), /Lapwing 1\.0, booted from drive 00; \d+ KiB of RAM; off by ACPI/);
      await qemu.see(PROMPT);
      const rows = await qemu.screen();
      assert.match(rows[0], /^ Lapwing 1\.0 {2}up 0:00:\d\d .* \d{4}-\d\d-\d\d \d\d:\d\d:\d\d *$/);
      assert.match(rows[1], /^Lapwing 1\.0, booted from drive 00/);
      await qemu.until('the clock to go on', async () => (await qemu.screen())[0] !== rows[0]);
    },
  },
  {
    name: 'keyboard: typing, backspace, shift, history, an unknown command',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.see(PROMPT);
      await qemu.type('echo helxx\b\blo\r');
      await qemu.see('hello   ');
      await qemu.monitor('sendkey shift-x');
      await qemu.type('\r');
      await qemu.see('X: unknown command; help lists them');
      for (const key of ['up', 'up', 'ret']) await qemu.monitor(`sendkey ${key}`);
      await qemu.until('hello twice', async () => {
        const rows = await qemu.screen();
        return rows.filter((row) => row.startsWith('hello ')).length === 2;
      });
    },
  },
  {
    name: 'keys: scan codes of the keyboard, bytes of the serial line',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.see(PROMPT);
      await qemu.type('keys\r');
      await qemu.see('Scan codes; Esc ends it.');
      for (const key of ['a', 'up', 'esc']) await qemu.monitor(`sendkey ${key} 20`);
      await qemu.see('1e 9e e0 48 e0 c8 01');
      await qemu.expect(PROMPT);
      qemu.send('keys\r');
      await qemu.expect('Bytes; Esc or q ends it.');
      qemu.send('a\tq');
      await qemu.expect('61 09 71 ');
    },
  },
  {
    name: 'serial line: unknown commands, arrows, Ctrl-C, long lines',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      assert.equal(await qemu.run('frobnicate now'), 'frobnicate: unknown command; help lists them\r\n');
      assert.equal(await qemu.run('echo  one   two '), 'one two\r\n');
      qemu.send('\x1b[A\x1b[A\r');
      await qemu.expect('frobnicate: unknown command');
      await qemu.expect(PROMPT);
      qemu.send('echo never\x03');
      await qemu.expect('^C\r\nlapwing> ');
      qemu.send(`echo ${'x'.repeat(300)}\r`);
      await qemu.expect(`\r\n${'x'.repeat(250)}\r\n`);
      await qemu.expect(PROMPT);
      assert.equal(await qemu.run('echo still here'), 'still here\r\n');
    },
  },
  {
    name: 'floppy disk: directories, texts, sums, what is not there',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      assert.match(await qemu.run('dir'), /LAPWING\.SYS +\d+ .*README\.TXT +\d+ .*SRC +<DIR>/s);
      assert((await qemu.run('type readme.txt')).startsWith('Lapwing 1.0\r\n==========='));
      for (const [name, bytes] of Object.entries(files).filter((_, n) => n % 5 === 0)) {
        assert.equal(await qemu.run(`sum ${name}`), `${sum(bytes)}\r\n`, name);
      }
      assert.equal(await qemu.run('cd src'), 'A:/SRC\r\n');
      assert.equal(await qemu.run('sum ../src/./life.c'), `${sum(files['SRC/LIFE.C'])}\r\n`);
      assert.equal(await qemu.run('cd ../..'), 'A:/\r\n');
      assert.equal(await qemu.run('type nothing.txt'), 'nothing.txt: not found\r\n');
      assert.equal(await qemu.run('type src'), 'src: is a directory\r\n');
      assert.equal(await qemu.run('cd readme.txt'), 'readme.txt: not a directory\r\n');
      assert.equal(await qemu.run('dir z:'), 'z:: no such drive\r\n');
    },
  },
  {
    name: 'floppy disk: another one is inserted, one that is no FAT, none',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      await qemu.run('dir');
      const other = { 'OTHER.TXT': new TextEncoder().encode('another disk') };
      const boot = new Uint8Array(512);
      await qemu.monitor(`change floppy0 "${disk('other.img', fat12Floppy(boot, 'OTHER', other))}" raw`);
      assert.equal(await qemu.run('type other.txt'), 'another disk\r\n');
      await qemu.monitor(`change floppy0 "${disk('noise.img', new Uint8Array(1_474_560).fill(0xa5))}" raw`);
      assert.equal(await qemu.run('dir'), '.: no FAT12 or FAT16\r\n');
      await qemu.monitor('eject floppy0');
      assert.equal(await qemu.run('dir'), '.: the disk cannot be read\r\n');
    },
  },
  {
    name: 'hard disks: a FAT16 partition, the floppy image as a disk, chains of many clusters',
    args: [...FLOPPY, ...HARD_DISKS, '-boot', 'a'],
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      assert.match(await qemu.run('disks'), /hd0: 65536 KiB.*hd3: 1440 KiB.*C: on hd0 from sector 63, .*D: on hd3/s);
      assert.match(await qemu.run('dir c:'), /Volume SIXTEEN.*DEEP +<DIR>/s);
      assert.equal(await qemu.run('sum c:\\deep/deeper/payload.bin'), `${sum(payload)}\r\n`);
      assert.equal(await qemu.run('sum d:/lapwing.sys'), `${sum(files['LAPWING.SYS'])}\r\n`);
    },
  },
  {
    name: 'boot from the image as a hard disk',
    args: ['-drive', drive(floppy, 'if=ide')],
    run: async (qemu) => {
      assert.match(await qemu.expect(PROMPT), /booted from drive 80/);
      assert.equal(await qemu.run('sum c:/readme.txt'), `${sum(files['README.TXT'])}\r\n`);
    },
  },
  {
    name: 'Life: the numbers of the reference',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      for (const [command, cells] of [
        ['life 0', 5],
        ['life 100', lifeCells('pentomino', 100)],
        ['life 100 soup fast', lifeCells('soup', 100)],
      ] as const) {
        assert.match(await qemu.run(command), new RegExp(`^life: ${cells} cells live after \\d+ generations`), command);
      }
      assert.match(await qemu.run('life no'), /^life \[GENERATIONS\]/);
    },
  },
  {
    name: 'Life: its pixels; a key ends it, and text and font come back',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      await qemu.see(PROMPT);
      const before = await drawnRows(qemu);
      qemu.send('life 1000000\r');
      await qemu.until('pixels', async () => (await qemu.pixels()) > 100);
      await qemu.monitor('stop');
      const seen = await qemu.pixels();
      assert((await qemu.monitor('info status')).includes('paused'));
      await qemu.monitor('cont');
      await qemu.monitor('sendkey x');
      await qemu.expect('life: ');
      const generations = Number(/after (\d+)/.exec(await qemu.expect(PROMPT))?.[1]);
      const counts = new Set(Array.from({ length: Math.min(generations, 400) }, (_, n) => lifeCells('pentomino', n)));
      assert(counts.has(seen) || generations > 400, `${seen} pixels are those of a generation`);
      assert(before.equals(await drawnRows(qemu)), 'the text looks as before');
    },
  },
  {
    name: 'Life on the screen console; both shells go on',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.see(PROMPT);
      await qemu.type('life 10\r');
      await qemu.see(`life: ${lifeCells('pentomino', 10)} cells live after 10 generations`);
      await qemu.expect(PROMPT);
      assert.equal(await qemu.run('echo serial'), 'serial\r\n');
    },
  },
  {
    name: 'threads: a counter beside the line that is typed, and the list of threads',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      qemu.send('count\recho abc');
      await qemu.expect('count 2\r\nlapwing> echo abc');
      await qemu.expect('count 3\r\nlapwing> echo abc');
      qemu.send('def\r');
      await qemu.expect('\r\nabcdef\r\n');
      await qemu.expect(PROMPT);
      const list = await qemu.run('ps');
      for (const line of [/idle +ready/, /screen +waits/, /serial +runs/, /count +waits/]) assert.match(list, line);
      assert.match(await qemu.run('count stop'), /count stops at \d+/);
    },
  },
  {
    name: 'memwrite: writes at its rate and finds no error; finds one when there is one',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      assert.match(await qemu.run('memwrite 0'), /the rate is/);
      assert.match(await qemu.run('memwrite 1 4000'), /not so much memory/);
      assert.match(await qemu.run('memwrite 40 4'), /runs, 40 MiB\/s over 4 MiB/);
      await qemu.until('two rounds', async () => / ([2-9]|\d\d+) rounds, 0 errors/.test(await qemu.run('memwrite')));
      await qemu.poke(0x200000, new Uint8Array(8));
      await qemu.expect('memwrite: 2 words are not what was written');
      assert.match(await qemu.run('memwrite stop'), /stopped, .* 2 errors/);
    },
  },
  {
    name: 'mouse: movements and buttons',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      qemu.send('mouse\r');
      await qemu.expect('Move it; a key ends it.');
      await qemu.monitor('mouse_move 30 -20');
      await qemu.expect('x 30 y 20 buttons 0');
      await qemu.monitor('mouse_button 1');
      await qemu.expect('x 30 y 20 buttons 1');
      qemu.send('x');
      await qemu.expect(PROMPT);
      assert.equal(await qemu.run('echo keys still'), 'keys still\r\n');
      await qemu.type('echo typed\r');
      await qemu.see('typed  ');
    },
  },
  {
    name: 'panic: registers on both consoles, and the panic event',
    args: [...FLOPPY, '-device', 'pvpanic', '-action', 'panic=pause'],
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      await qemu.see(PROMPT);
      qemu.send('panic fault\r');
      await qemu.expect('*** Lapwing panics: page fault (thread serial)');
      await qemu.expect('vector 14  error 00000002  cr2 00000000');
      await qemu.see('The system has stopped.');
      await qemu.until('the panic event', async () => (await qemu.monitor('info status')).includes('guest-panicked'));
    },
  },
  {
    name: 'panic while Life shows graphics: the text mode comes back',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.see(PROMPT);
      await qemu.type('life 1000000\r');
      await qemu.until('pixels', async () => (await qemu.pixels()) > 100);
      await qemu.expect(PROMPT);
      qemu.send('panic\r');
      await qemu.expect('*** Lapwing panics: invalid opcode (thread serial)');
      await qemu.see('*** Lapwing panics: invalid opcode (thread serial)');
    },
  },
  {
    name: 'reboot: by command and by Ctrl-Alt-Del',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      qemu.send('reboot\r');
      await qemu.expect('Rebooting.');
      await qemu.expect('booted from');
      await qemu.expect(PROMPT);
      await qemu.monitor('sendkey ctrl-alt-delete');
      await qemu.expect('booted from');
      await qemu.expect(PROMPT);
    },
  },
  {
    name: 'poweroff: by ACPI',
    args: FLOPPY,
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      qemu.send('poweroff\r');
      await qemu.expect('Powering off by ACPI.');
      await qemu.ended();
    },
  },
  {
    name: 'poweroff: by APM, in real mode, where there is no ACPI; SeaBIOS then only stops',
    args: [...FLOPPY, '-M', 'pc,acpi=off'],
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      qemu.send('poweroff\r');
      await qemu.expect('Powering off by APM.');
      await qemu.until('the BIOS to stop', async () =>
        /CS =f000 .*HLT=1|HLT=1.*CS =f000 /s.test(await qemu.monitor('info registers')),
      );
    },
  },
  {
    name: 'without a VGA: the serial line alone',
    args: [...FLOPPY, '-vga', 'none'],
    run: async (qemu) => {
      await qemu.expect(PROMPT);
      assert.match(await qemu.run('life 100 fast'), /life: 121 cells .* \(no screen\)/);
      assert.doesNotMatch(await qemu.run('ps'), /screen/);
    },
  },
  {
    name: 'without a serial port: the screen alone, 4 MiB of RAM, an ISA PC',
    args: [...FLOPPY, '-serial', 'none', '-M', 'isapc', '-m', '4', '-cpu', 'pentium'],
    run: async (qemu) => {
      await qemu.see(PROMPT);
      await qemu.type('ps\r');
      await qemu.see('screen     runs');
      assert((await qemu.screen()).every((row) => !row.includes('serial ')));
    },
  },
];

let failed = 0;
const wanted = process.argv[2] ?? '';
for (const { name, args, run } of checks.filter((check) => check.name.includes(wanted))) {
  const qemu = await Qemu.start(args);
  try {
    await run(qemu);
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}: ${error instanceof Error ? error.message : error}`);
  } finally {
    await qemu.stop();
  }
}
rmSync(folder, { recursive: true });
process.exitCode = failed === 0 ? 0 : 1;
