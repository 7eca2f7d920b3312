// npx tsx conformance/calls/record.ts: what the program prints on this machine, into expected/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { argumentsOf, path, SEEDS } from './files.ts';
import { NativeCalls } from './native.ts';

mkdirSync(path('expected'), { recursive: true });
const native = new NativeCalls();
try {
  for (const seed of SEEDS) writeFileSync(path(`expected/${seed}.txt`), await native.transcript(argumentsOf(seed)));
} finally {
  native.end();
}
