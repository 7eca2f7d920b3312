// Judges a VM's specification that came from somebody else: a person's form, or another host.

import type { ImageSource, VmSpec } from './spec.ts';

const MIN_MEMORY_MIB = 4;
const MAX_MEMORY_MIB = 3072;

export class SpecError extends Error {
  override name = 'SpecError';
}

/** Returns it if it can be used as it is. Throws SpecError naming the first thing wrong, for a person. */
export function checkVmSpec(value: unknown): VmSpec {
  const spec = (typeof value === 'object' && value !== null ? value : {}) as Partial<VmSpec>;
  for (const field of ['id', 'name', 'guestOs', 'commandLine'] as const) {
    if (typeof spec[field] !== 'string') throw new SpecError(`The VM's ${field} is missing.`);
  }
  if (!spec.id || !spec.name?.trim()) throw new SpecError('A VM needs a name.');
  const memory = spec.memoryMiB;
  if (!Number.isInteger(memory) || memory! < MIN_MEMORY_MIB || memory! > MAX_MEMORY_MIB) {
    throw new SpecError(`A VM's memory is a whole number of MiB from ${MIN_MEMORY_MIB} to ${MAX_MEMORY_MIB}.`);
  }
  if (!isImage(spec.kernel)) throw new SpecError(`${spec.name} has no kernel image.`);
  if (spec.initrd !== undefined && !isImage(spec.initrd))
    throw new SpecError(`${spec.name} has no usable initrd image.`);
  return spec as VmSpec;
}

function isImage(value: unknown): value is ImageSource {
  const image = value as Partial<ImageSource & { url: unknown; bytes: unknown }> | undefined;
  if (image?.kind === 'url') return typeof image.url === 'string';
  return image?.kind === 'bytes' && image.bytes instanceof Uint8Array;
}
