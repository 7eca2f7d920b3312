// The site: React console, module workers, the engine's .wasm files as assets. Served with the headers that make a page
// cross-origin isolated (the condition for SharedArrayBuffer); a static host that cannot send them gets them from
// public/coop-coep-sw.js. All URLs are relative, so the built site works from any sub-path.
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { askedFor, siteGuests } from './scripts/site-guests.ts';

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Puts public/isolate.js before everything else on the page: a classic script, so it runs before any module loads. */
const isolateFirst: Plugin = {
  name: 'isolate-first',
  transformIndexHtml: (html) => ({
    html,
    tags: [{ tag: 'script', attrs: { src: './isolate.js' }, injectTo: 'head-prepend' }],
  }),
};

export default defineConfig({
  base: './',
  plugins: [react(), isolateFirst, siteGuests(askedFor(process.env.SITE_GUESTS))],
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: {
    target: 'esnext',
    // A .wasm inlined as a data: URL cannot be compiled while it streams.
    assetsInlineLimit: 0,
    // One page, loaded whole: splitting the console would only delay its first view.
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
