// What the New VM dialog holds of one network card, what is wrong with it, and the specification it makes.

import type { NicSpec } from '../../engine/host/api.ts';
import { macProblem } from '../format/mac.ts';

export interface NicForm {
  /** Of the device models that are network cards, or `none`. */
  model: string;
  portGroup: string;
  /** As typed. */
  mac: string;
}

/**
 * By card, what is wrong with its MAC address.
 * @param taken addresses of the cards that there are, in lower case
 */
export function checkNics(nics: readonly NicForm[], taken: ReadonlySet<string>): (string | undefined)[] {
  const above = new Set(taken);
  return nics.map(({ model, mac }) => {
    if (model === 'none') return undefined;
    const problem = macProblem(mac, above);
    above.add(mac.trim().toLowerCase());
    return problem;
  });
}

/** @param nics ones without errors */
export function nicSpecs(nics: readonly NicForm[]): NicSpec[] {
  return nics.flatMap(({ model, portGroup, mac }) =>
    model === 'none' ? [] : [{ model, portGroup, mac: mac.trim().toLowerCase() }],
  );
}
