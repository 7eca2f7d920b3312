// What a host can be set to: its name, its memory, its uplink. One place for the limits, wherever a setting comes from: the
// form, the address of a page, a stored preference, a console of another tab, or the announcement of another host.

import { DecodeError, fields } from '../../base/decode.ts';
import { objectName } from '../../base/object-name.ts';
import { HOST_MEMORY_MAXIMUM_MIB } from '../../base/sizes.ts';

/** MiB. Below the least no VM fits beside what it needs itself. */
export const HOST_MEMORY = { least: 16, most: HOST_MEMORY_MAXIMUM_MIB };

/** Mbit/s (0 is unlimited), ms, share of frames, ms. Slower or later than this a migration ends by its own time-outs. */
export const LINK_LIMITS = {
  bandwidthMbits: { least: 0.1, most: 1_000_000 },
  latencyMs: { least: 0, most: 1000 },
  loss: { least: 0, most: 1 },
  jitterMs: { least: 0, most: 1000 },
};

export interface Link {
  bandwidthMbits: number;
  latencyMs: number;
  loss: number;
  jitterMs: number;
}

/** What is wrong with a host's memory, as a sentence, or undefined. */
export function hostMemoryProblem(memoryMiB: unknown): string | undefined {
  const { least, most } = HOST_MEMORY;
  if (Number.isInteger(memoryMiB) && (memoryMiB as number) >= least && (memoryMiB as number) <= most) return undefined;
  return `A host’s memory is a whole number of MiB from ${least} to ${most}.`;
}

/** @throws DecodeError */
export function hostMemory(value: unknown): number {
  const problem = hostMemoryProblem(value);
  if (problem) throw new DecodeError(problem.replace(/\.$/, ''));
  return value as number;
}

/** @throws DecodeError */
export function decodeLink(value: unknown): Link {
  const link = fields(value);
  return {
    // Nothing paces the link.
    bandwidthMbits: link.bandwidthMbits === 0 ? 0 : linkFigure(link, 'bandwidthMbits'),
    latencyMs: linkFigure(link, 'latencyMs'),
    loss: linkFigure(link, 'loss'),
    jitterMs: linkFigure(link, 'jitterMs'),
  };
}

/** Can a link be set so? */
export function isLinkFigure(value: unknown, name: keyof Link): value is number {
  const { least, most } = LINK_LIMITS[name];
  return typeof value === 'number' && value >= least && value <= most;
}

function linkFigure(link: Record<string, unknown>, name: keyof Link): number {
  const value = link[name];
  if (isLinkFigure(value, name)) return value;
  const { least, most } = LINK_LIMITS[name];
  throw new DecodeError(`a link’s ${name} is a number from ${least} to ${most}`);
}

/**
 * Validates the settings of a host, before anything of it is announced.
 * @throws Error with a user-facing message
 */
export function checkHostSettings<T extends { name: string; memoryMiB: number; link: Link }>(spec: T): T {
  try {
    return {
      ...spec,
      name: objectName(spec.name, 'name'),
      memoryMiB: hostMemory(spec.memoryMiB),
      link: decodeLink(spec.link),
    };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new Error(`There cannot be such a host: ${error.message}.`);
  }
}
