// Programs as the whole initramfs of the guest image's kernel. Nothing waits on the clock: the guest switches itself off when they have run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCommandLine } from '../../cli/options.ts';
import { run } from '../../cli/runner.ts';
import { writeCpio } from '../../guests/packages/cpio.ts';
import { ensureEngine } from '../../scripts/build-engine.ts';
import { path, START } from '../programs/files.ts';

const KERNEL = fileURLToPath(new URL('../../public/guests/linux/vmlinuz', import.meta.url));

export function hasKernel(): boolean {
  try {
    return readFileSync(KERNEL).length > 0;
  } catch {
    return false;
  }
}

/** What a command printed, and its status as 4 hexadecimal digits. */
export interface Outcome {
  text: string;
  status: string;
}

function initramfs(programs: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const start = new Uint8Array(readFileSync(path(`bin/${START}`)));
  return writeCpio([
    { kind: 'directory', path: 'dev', mode: 0o755 },
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
    { kind: 'character-device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    ...[[START, start] as const, ...programs].map(([name, data]) => ({
      ...{ kind: 'file' as const, path: name, mode: 0o755, data },
    })),
  ]);
}

/** Runs the commands one after the other: programs by name, with arguments. Resolves with how each ended. */
export async function runInLinux(
  programs: ReadonlyMap<string, Uint8Array>,
  commands: readonly string[],
): Promise<(command: string) => Outcome> {
  await ensureEngine();
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  try {
    const initrd = join(folder, 'programs.cpio');
    writeFileSync(initrd, initramfs(programs));
    const list = commands.map((command) => `/${command}`).join(' , ');
    const append = `console=ttyS0 quiet rdinit=/${START} -- ${list}`;
    const parsed = parseCommandLine([
      '-m',
      '64',
      '-kernel',
      KERNEL,
      '-initrd',
      initrd,
      '-append',
      append,
      '-nographic',
    ]);
    if (parsed.kind === 'help') throw new Error('no options');
    const output: Buffer[] = [];
    const runner = await run(parsed.options, {
      print: (bytes) => output.push(Buffer.from(bytes)),
      // What features.c tries is reported to the runner's user.
      tell: () => {},
    });
    await runner.finished;
    const printed = Buffer.concat(output).toString('latin1').replaceAll('\r', '');
    return (command) => {
      const [, text, status] = new RegExp(`^== ${command}\\n([^]*?)^-- (.*)$`, 'm').exec(printed) ?? [];
      return { text: text ?? printed, status: status ?? '' };
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
