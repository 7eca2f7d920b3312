// The translator's output against golden/*.txt, which are read in reviews: a change of what is emitted shows as a change of
// text. To write what is emitted now: npx vitest run engine/cpu/translator/golden -u

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { regenerate } from './testing/region-text.ts';

const FOLDER = new URL('./golden/', import.meta.url);

for (const name of readdirSync(FOLDER)) {
  test(name, async () => {
    const file = new URL(name, FOLDER);
    await expect(regenerate(readFileSync(file, 'utf8'))).toMatchFileSnapshot(file.pathname);
  });
}
