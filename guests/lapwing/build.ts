// npx tsx guests/lapwing/build.ts: makes the floppy image from boot.S and kernel/. It is committed, so that no compiler is needed;
// build.json says what it was made from and with, which a test compares.
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { path } from './files.ts';
import { type BuildRecord, makeImage, sha256, sourceHash, tools } from './make.ts';

const found = tools();
if (found === undefined) throw new Error('gcc and ld for i386 are needed (gcc -m32).');
const image = makeImage();
const record: BuildRecord = { ...found, sources: sourceHash(), image: sha256(image) };
writeFileSync(path('lapwing.img.gz'), gzipSync(image, { level: 9 }));
writeFileSync(path('build.json'), `${JSON.stringify(record, null, 2)}\n`);
