// Checks that a saved form is of the shape its device writes, so that a foreign or damaged one is refused as a whole
// instead of half restored.
import { type Upgrades, upgraded, versionProblem } from '../../base/upgrades.ts';
import { StateError } from './device.ts';

/**
 * Returns the saved form, of an earlier version if there are upgrades from it, if it has the structure of `template`, the form that the device would save now: the same version, the same
 * fields of the same types, typed arrays of the same length. Plain arrays may differ in length where the template's is
 * empty or holds values of one kind. Throws StateError naming the device and the field otherwise.
 */
export function requireForm<State extends { version: number }>(
  device: string,
  saved: unknown,
  template: State,
  upgrades: Upgrades = {},
): State {
  const form = upgraded(saved, template.version, upgrades);
  if (form === undefined)
    throw new StateError(`The saved state of ${device} has ${versionProblem(saved, template.version, upgrades)}.`);
  const wrong = mismatch(form, template, '');
  if (wrong !== undefined)
    throw new StateError(`The saved state of ${device} is damaged: ${wrong || 'it'} is not as expected.`);
  return form as State;
}

/** The path of the first value that differs in kind from the template's. */
function mismatch(value: unknown, template: unknown, path: string): string | undefined {
  if (typeof value !== typeof template) return path;
  if (typeof value === 'number') return Number.isNaN(value) ? path : undefined;
  if (typeof value !== 'object') return undefined;
  if (value === null || template === null) return value === template ? undefined : path;
  if (Object.getPrototypeOf(value)?.constructor?.name !== Object.getPrototypeOf(template)?.constructor?.name)
    return path;
  if (ArrayBuffer.isView(template)) {
    return (value as Uint8Array).byteLength === template.byteLength ? undefined : path;
  }
  if (Array.isArray(template)) {
    return firstOf((value as unknown[]).map((item, i) => () => mismatch(item, template[0] ?? item, `${path}[${i}]`)));
  }
  return firstOf(
    Object.entries(template as object).map(
      ([key, expected]) =>
        () =>
          mismatch((value as Record<string, unknown>)[key], expected, path ? `${path}.${key}` : key),
    ),
  );
}

function firstOf(checks: (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
}
