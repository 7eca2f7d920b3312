// Where characters of the guest go: QEMU's character devices, as -chardev names them and as -serial, -debugcon and -parallel
// take them in short. Only parsing; sinks.ts opens them.

import { parseProperties, splitOnce } from './common/properties.ts';
import { UsageError } from './common/usage-error.ts';

export type Backend =
  | { kind: 'stdio' }
  | { kind: 'null' }
  /** `append`: keep what the file has. */
  | { kind: 'file'; path: string; append: boolean };

export const CHARDEV_HELP = `Available chardev backend types:
  file
  null
  stdio
`;

/** -chardev: "stdio|file|null,id=ID[,path=…]…". */
export function parseChardev(value: string): { id: string; backend: Backend } {
  const [kind, ...rest] = value.split(',');
  const properties = parseProperties('-chardev', rest);
  const { id, path, append, mux, signal, logfile, ...unknown } = properties;
  const surplus = Object.keys(unknown)[0];
  if (surplus !== undefined || logfile !== undefined) {
    throw new UsageError(`-chardev ${kind}: unknown property "${surplus ?? 'logfile'}"`);
  }
  if (!id) throw new UsageError(`-chardev ${value}: id= is missing`);
  for (const [name, state] of Object.entries({ append, mux, signal })) onOff(`-chardev ${kind}: ${name}`, state);
  if (kind === 'file') {
    if (!path) throw new UsageError(`-chardev ${value}: path= is missing`);
    return { id, backend: { kind, path, append: onOff('-chardev file: append', append) } };
  }
  if (kind !== 'stdio' && kind !== 'null') {
    throw new UsageError(`-chardev ${kind}: unknown backend (there are stdio, file, null)`);
  }
  return { id, backend: { kind } };
}

/** What -serial and its kin take: a backend in short, the id of a -chardev, or no device at all. */
export type Target =
  | { kind: 'none' }
  | { kind: 'chardev'; id: string }
  | { kind: 'backend'; backend: Backend /** A monitor shares it. */; mux?: true };

export function parseTarget(option: string, value: string): Target {
  if (value === 'none') return { kind: 'none' };
  if (value === 'null') return { kind: 'backend', backend: { kind: 'null' } };
  if (value === 'stdio') return { kind: 'backend', backend: { kind: 'stdio' } };
  if (value === 'mon:stdio') return { kind: 'backend', backend: { kind: 'stdio' }, mux: true };
  const [scheme, rest] = splitOnce(value, ':');
  if (scheme === 'chardev' && rest) return { kind: 'chardev', id: rest };
  if (scheme === 'file' && rest) return { kind: 'backend', backend: { kind: 'file', path: rest, append: false } };
  throw new UsageError(`${option} ${value}: unknown device (there are stdio, file:PATH, null, none, chardev:ID)`);
}

function onOff(what: string, value: string | undefined): boolean {
  if (value === undefined || value === 'off') return false;
  if (value === 'on') return true;
  throw new UsageError(`${what} must be on or off, not "${value}"`);
}
