// Records what QEMU's isa-fdc answers to the scenarios: npx tsx engine/pc/devices/floppy/testing/record-qemu.ts
//
// Needs qemu-system-i386 (recorded with 7.2). The machine runs a ROM that halts, so its clock goes on and no program interferes.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checksum, image, SCENARIOS, type Scenario, type Step } from './scenarios.ts';

const folder = mkdtempSync(join(tmpdir(), 'fdc-'));
const rom = new Uint8Array(65536).fill(0xf4); // HLT, with interrupts off
rom.set([0xf4, 0xeb, 0xfd], 0xfff0); // at the reset vector: HLT, and again
writeFileSync(join(folder, 'rom.bin'), rom);
const DISK = join(folder, 'disk.img');

/** Initialisation words, and only IRQ 6 open. */
const SET_UP_8259 = [
  [0x20, 0x11],
  [0x21, 0x08],
  [0x21, 0x04],
  [0x21, 0x01],
  [0x21, 0xbf],
] as const;

async function record({ kb, readOnly, steps }: Scenario): Promise<number[]> {
  if (kb !== undefined) writeFileSync(DISK, image(kb));
  const disk = kb === undefined ? 'if=floppy' : `if=floppy,format=raw,file=${DISK},readonly=${readOnly ? 'on' : 'off'}`;
  const options = ['-accel', 'tcg', '-display', 'none', '-nodefaults', '-bios', join(folder, 'rom.bin')];
  const qemu = spawn('qemu-system-i386', [...options, '-drive', disk, '-qtest', 'stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: qemu.stdout })[Symbol.asyncIterator]();
  const command = async (text: string): Promise<string> => {
    qemu.stdin.write(`${text}\n`);
    const { value } = await lines.next();
    if (!String(value).startsWith('OK')) throw new Error(`"${text}": ${value}`);
    return String(value).slice(3);
  };
  const answers: number[] = [];
  const carryOut = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'out':
        await command(`outb 0x${step.port.toString(16)} ${step.value}`);
        break;
      case 'in':
        answers.push(Number(await command(`inb 0x${step.port.toString(16)}`)));
        break;
      case 'irq':
        // The 8259's poll command acknowledges what was requested.
        await command('outb 0x20 0x0c');
        answers.push(Number(await command('inb 0x20')) === 0x86 ? 1 : 0);
        await command('outb 0x20 0x66');
        break;
      case 'wait':
        await new Promise((resolve) => setTimeout(resolve, 60));
        break;
      case 'fill': {
        const bytes = Array.from({ length: step.times }, () => step.bytes).flat();
        const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
        await command(`write 0x${step.address.toString(16)} ${bytes.length} 0x${hex}`);
        break;
      }
      case 'memory': {
        const hex = await command(`read 0x${step.address.toString(16)} ${step.length}`);
        answers.push(checksum(Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))));
        break;
      }
      case 'disk':
        answers.push(checksum(readFileSync(DISK).subarray(step.sector * 512, step.sector * 512 + 512)));
    }
  };
  for (const [port, value] of SET_UP_8259) await carryOut({ do: 'out', port, value });
  for (const step of steps) await carryOut(step);
  qemu.kill();
  await new Promise((resolve) => qemu.once('exit', resolve));
  return answers;
}

const trace: Record<string, number[]> = {};
for (const scenario of SCENARIOS) trace[scenario.name] = await record(scenario);
rmSync(folder, { recursive: true });
const lines = Object.entries(trace).map(([name, answers]) => `  ${JSON.stringify(name)}: [${answers.join(', ')}]`);
writeFileSync(new URL('./qemu-trace.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
