// The system use area of directory records, by which Unix systems find names, modes and times: SUSP 1.09 and RRIP 1.09, whose
// extension is named RRIP_1991A. What has no room in a record goes on in a continuation area.

import { ascii, both32, recordDate } from './iso-fields.ts';

/** A record's length has 8 bits and is even. */
const RECORD_LIMIT = 254;
const CONTINUATION_ENTRY = 28;
const NAME_PIECE = 250;
const NAME_CONTINUES = 1;

const DIRECTORY_MODE = 0o040555;
/** Whether a file is a program is not known, so that any may be run. */
const FILE_MODE = 0o100555;
/** TF: times of modification, access, change of attributes. */
const TIMES = 0x02 | 0x04 | 0x08;

export interface SystemUse {
  /** Without the entry that points to the continuation. */
  inline: number[];
  continuation?: number[];
}

export interface RockRidge {
  directory: boolean;
  /** Of a directory: 2 and its subdirectories. */
  links: number;
  /** ms since 1970. */
  modified: number;
  /** Not given for "." and "..". */
  name?: string;
  /** "." of the root says that these entries are there. */
  first?: boolean;
}

/** @param taken bytes of the record before the area */
export function systemUse({ directory, links, modified, name, first }: RockRidge, taken: number): SystemUse {
  const entries = [
    ...(first ? [entry('SP', 0xbe, 0xef, 0)] : []),
    entry('PX', ...both32(directory ? DIRECTORY_MODE : FILE_MODE), ...both32(links), ...both32(0), ...both32(0)),
    entry('TF', TIMES, ...recordDate(modified), ...recordDate(modified), ...recordDate(modified)),
    ...(name === undefined ? [] : nameEntries(name)),
  ];
  if (first) entries.push(extensionEntry());
  const whole = entries.flat();
  if (taken + whole.length <= RECORD_LIMIT) return { inline: whole };
  const inline: number[] = [];
  while (taken + inline.length + (entries[0]?.length ?? 0) + CONTINUATION_ENTRY <= RECORD_LIMIT)
    inline.push(...(entries.shift() ?? []));
  return { inline, continuation: entries.flat() };
}

/** Bytes of the area in the record. */
export function inlineSize({ inline, continuation }: SystemUse): number {
  return inline.length + (continuation ? CONTINUATION_ENTRY : 0);
}

/** The area as it stands in the record. @param block, offset where its continuation lies */
export function inlineBytes({ inline, continuation }: SystemUse, block: number, offset: number): number[] {
  if (!continuation) return inline;
  return [...inline, ...entry('CE', ...both32(block), ...both32(offset), ...both32(continuation.length))];
}

function entry(signature: string, ...data: number[]): number[] {
  return [...ascii(signature), data.length + 4, 1, ...data];
}

function nameEntries(name: string): number[][] {
  const bytes = [...new TextEncoder().encode(name)];
  const entries: number[][] = [];
  for (let at = 0; at < bytes.length; at += NAME_PIECE)
    entries.push(entry('NM', at + NAME_PIECE < bytes.length ? NAME_CONTINUES : 0, ...bytes.slice(at, at + NAME_PIECE)));
  return entries;
}

function extensionEntry(): number[] {
  const id = 'RRIP_1991A';
  const description = 'THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS';
  return entry('ER', id.length, description.length, 0, 1, ...ascii(id), ...ascii(description));
}
