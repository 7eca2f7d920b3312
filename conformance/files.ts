// Where the files of this folder are, and what the kernel's sources are.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** SHA-256 of all files in kernel/, in the order of their names. */
export function sourceHash(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(path('kernel')).sort()) hash.update(name).update(readFileSync(path(`kernel/${name}`)));
  return hash.digest('hex');
}
