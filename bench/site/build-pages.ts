// Builds the bench's pages for production, as the console is built, into build/bench/site.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const PAGES = fileURLToPath(new URL('../pages/', import.meta.url));

/** Address of a page under the site's. */
export type PageName = 'tabvisor' | 'v86' | 'blank';

/** Returns the folder. The engine must be built before. Throws Vite's error. */
export async function buildPages(): Promise<string> {
  const outDir = fileURLToPath(new URL('../../build/bench/site/', import.meta.url));
  const names: PageName[] = ['tabvisor', 'v86', 'blank'];
  await build({
    configFile: false,
    root: PAGES,
    base: './',
    publicDir: false,
    // v86 asks for Node's modules where it finds none of the browser's; Vite would warn of each.
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'esnext',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 2000,
      rolldownOptions: {
        input: names.map((name) => `${PAGES}${name}.html`),
        checks: { pluginTimings: false },
      },
    },
  });
  return outDir;
}
