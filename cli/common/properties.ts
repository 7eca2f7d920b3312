// Lists of properties as QEMU's options have them.

import { isPropertyValue, type Property, type PropertyValue, valueWords } from '../../engine/pc/bus/device-model.ts';
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

/** A property of a model as it is given. Throws UsageError; `what` is its beginning. */
export function propertyValue(what: string, property: Property, text: string): PropertyValue {
  if (property.kind === 'channel' || property.kind === 'mac') return text;
  const value = property.kind === 'choice' ? text : Number(text);
  if (text === '' || !isPropertyValue(value, property))
    throw new UsageError(`${what} must be ${valueWords(property)}, not "${text}"`);
  return value;
}
