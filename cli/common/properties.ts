// Lists of properties as QEMU's options have them.

import { UsageError } from './usage-error.ts';

/** "name=value" pairs; a name alone is "on". */
export function parseProperties(option: string, parts: readonly string[]): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const part of parts) {
    const [name, value] = splitOnce(part, '=');
    if (name === '') throw new UsageError(`${option}: a property has no name ("${part}")`);
    properties[name] = value ?? 'on';
  }
  return properties;
}

/** At the first separator only. */
export function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
