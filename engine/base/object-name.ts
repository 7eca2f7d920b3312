// The one rule for names that users give: of hosts, VMs and port groups. Dialogs, the hosts' API, addresses of pages, stored
// preferences and messages of other hosts all validate names here, so that a name accepted in one place is accepted in all.
//
// A name is 1 to 63 characters in Unicode's NFC form, without control, bidirectional or other invisible characters, without
// space at its ends and with single spaces inside. Two names are the same if they differ only in case or in compatible forms
// (NFKC). A VM's name in DNS is derived from it; 63 is also the length of a label there.

import { DecodeError } from './decode.ts';

export const MAXIMUM_NAME = 63;

/** Control characters, lone surrogates, line separators, and formats but the two joiners that scripts and emoji need. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u;

const LABEL_BYTES = 63;

/** The name as it is kept: what the user typed, less what cannot be seen of it at its ends. */
export function tidyName(text: string): string {
  return text.normalize('NFC').trim().replace(/ {2,}/g, ' ');
}

/** What is wrong with a name, as a sentence about it, or undefined. Validates the tidied form. */
export function nameProblem(text: string): string | undefined {
  // Before anything that takes as long as the text is.
  if (text.length > 4 * MAXIMUM_NAME) return TOO_LONG;
  const name = tidyName(text);
  if (name === '') return 'A name is needed.';
  if ([...name].length > MAXIMUM_NAME) return TOO_LONG;
  if (INVISIBLE.test(name)) return 'A name has no control characters and none that cannot be seen.';
  return undefined;
}

const TOO_LONG = `A name has at most ${MAXIMUM_NAME} characters.`;

/** Equal for names that count as the same. */
export function nameKey(name: string): string {
  return tidyName(name).normalize('NFKC').toLowerCase();
}

/**
 * The tidied name.
 * @throws DecodeError
 */
export function objectName(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new DecodeError(`${field} is not a string`);
  const problem = nameProblem(value);
  if (problem) throw new DecodeError(`${field} is no name: ${problem.replace(/\.$/, '')}`);
  return tidyName(value);
}

/** A name as a DNS label (RFC 1123, 2.1): letters, digits and hyphens. Empty if nothing is left of it. */
export function labelOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LABEL_BYTES)
    .replace(/^-+|-+$/g, '');
}

/** web1-2: where another has the label already. */
export function numberedLabel(label: string, number: number): string {
  const suffix = `-${number}`;
  return label.slice(0, LABEL_BYTES - suffix.length).replace(/-+$/, '') + suffix;
}

/** What DNS on the subnet calls itself. */
export const GATEWAY_LABEL = 'gateway';

export function isReservedLabel(label: string): boolean {
  return label === GATEWAY_LABEL;
}

/** Why a VM cannot have this name beside VMs with those, as a sentence; undefined if it can. */
export function vmNameConflict(name: string, others: Iterable<string>): string | undefined {
  const key = nameKey(name);
  const label = labelOf(tidyName(name));
  if (isReservedLabel(label)) return `The subnet itself is ${label} in DNS.`;
  for (const other of others) {
    if (nameKey(other) === key) return `There is already a VM named ${other}.`;
    if (label !== '' && labelOf(other) === label) return `In DNS it would be ${label}, as the VM ${other} is.`;
  }
  return undefined;
}
