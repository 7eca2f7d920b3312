// npx tsx conformance/calls/build.ts: makes the i386 program in bin/ with gcc -m32. It is committed, so that the test needs no compiler, and
// carries the SHA-256 of its sources, which the test compares.
import { mkdirSync } from 'node:fs';
import { compile, I386 } from '../programs/compile.ts';
import { BINARY, path, SOURCES } from './files.ts';

mkdirSync(path('bin'), { recursive: true });
compile(SOURCES, BINARY, I386);
