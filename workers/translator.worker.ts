// A translator in a browser: takes its port from the first message and serves there.

import { serveTranslator } from './translator-service.ts';

addEventListener('message', (event: MessageEvent<{ port: MessagePort }>) => serveTranslator(event.data.port), {
  once: true,
});
