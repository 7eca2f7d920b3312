// Judges a VM's specification that came from somebody else: a person's form, or another host.

import { MAXIMUM_NICS, NIC_MODELS, type NicModel } from '../machine/nic.ts';
import type { ImageSource, NicSpec, VmSpec } from './spec.ts';

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
  checkNics(spec.name, spec.nics);
  return spec as VmSpec;
}

function checkNics(name: string, nics: unknown): void {
  if (nics === undefined) return;
  if (!Array.isArray(nics) || nics.length > MAXIMUM_NICS) {
    throw new SpecError(`${name} has more than ${MAXIMUM_NICS} network cards, or no list of them.`);
  }
  for (const nic of nics as Partial<NicSpec>[]) {
    const { portGroup = '' } = nic ?? {};
    if (typeof portGroup !== 'string') throw new SpecError(`${name} has a network card in no port group.`);
    if (!NIC_MODELS.includes(nic?.model as NicModel) || !isStationAddress(nic.mac)) {
      throw new SpecError(
        `${name} has a network card that is not possible: ${NIC_MODELS.join(' or ')}, with an address like 52:54:00:12:34:56.`,
      );
    }
  }
}

/** A MAC address that is not a group's. */
function isStationAddress(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(value);
}

function isImage(value: unknown): value is ImageSource {
  const image = value as Partial<ImageSource & { url: unknown; bytes: unknown }> | undefined;
  if (image?.kind === 'url') return typeof image.url === 'string';
  return image?.kind === 'bytes' && image.bytes instanceof Uint8Array;
}
