// npx tsx conformance/programs/build.ts: makes the i386 programs in bin/ with gcc -m32. They are committed, so that the tests need no
// compiler; each carries the SHA-256 of its sources, which a test compares.
import { mkdirSync } from 'node:fs';
import { compile, I386 } from './compile.ts';
import { PROGRAMS, path, START, sources } from './files.ts';

mkdirSync(path('bin'), { recursive: true });
for (const program of [START, ...PROGRAMS]) compile(sources(program), path(`bin/${program}`), I386);
