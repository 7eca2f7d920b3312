// The animations of bench/animation: a floppy disk for each video mode, made by gcc.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../animation/', import.meta.url));
const SECTOR = 512;
const FLOPPY_BYTES = 1_474_560;
/** Where the program is loaded to, and how much of it. */
const LOAD = 0x8000;
const SECTORS = 16;

/** By name, numbers of the VGA BIOS. That of the last is one which Bochs' VBE has beside the standard's. */
export const ANIMATION_MODES = { '320x200': 0x13, '640x480 planar': 0x12, '1024x768x32': 0x144 } as const;
export type AnimationMode = keyof typeof ANIMATION_MODES;

const LINKING = [
  '-m32',
  '-nostdlib',
  '-static',
  '-fno-pie',
  '-no-pie',
  '-Wl,--build-id=none',
  '-Wl,--oformat=binary',
  '-Wl,-e,0',
];
// biome-ignore format: by kind
const COMPILING = [
  '-march=i586', '-O2', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-ffreestanding', '-mgeneral-regs-only',
  '-fno-stack-protector', '-fcf-protection=none', '-fno-asynchronous-unwind-tables', '-fno-tree-loop-distribute-patterns',
  '-fno-zero-initialized-in-bss', '-Wl,-z,noexecstack', '-Wl,--no-warn-rwx-segments',
];

/** Name of the image, which it puts into `folder`. Throws what is missing or what the compiler says. */
export function makeAnimation(folder: string, mode: AnimationMode): string {
  mkdirSync(folder, { recursive: true });
  const [boot, program] = ['animation-boot', 'animation-program'].map((name) => join(folder, name));
  const numbers = { MODE: ANIMATION_MODES[mode], LOAD, SECTORS };
  const symbols = Object.entries(numbers).flatMap(([name, value]) => [`-Wa,--defsym,${name}=${value}`]);
  gcc([...LINKING, ...symbols, '-Wl,-Ttext=0x7c00', '-o', boot, 'boot.S']);
  gcc([...LINKING, ...COMPILING, `-Wl,--defsym=LOAD=${LOAD}`, '-Wl,-T,link.ld', '-o', program, 'animation.c']);
  const name = `animation-${ANIMATION_MODES[mode].toString(16)}.img`;
  writeFileSync(join(folder, name), floppy(readFileSync(boot), readFileSync(program)));
  return name;
}

/** Throws if the program is larger than what the boot sector loads. */
function floppy(bootSector: Uint8Array, program: Uint8Array): Uint8Array {
  if (bootSector.length !== SECTOR || program.length > SECTORS * SECTOR) throw new Error('The animation is too large.');
  const image = new Uint8Array(FLOPPY_BYTES);
  image.set(bootSector);
  image.set(program, SECTOR);
  return image;
}

function gcc(args: string[]): void {
  const { error, status, stderr } = spawnSync('gcc', args, { cwd: SOURCES, encoding: 'utf8' });
  if (error === undefined && status === 0) return;
  throw new Error(
    `The animation needs a compiler for i386 (apt-get install gcc gcc-multilib): ${error?.message ?? stderr}`,
  );
}
