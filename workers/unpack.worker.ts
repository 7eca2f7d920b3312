// A worker that unpacks one file: it takes its port from the first message.

import { serveUnpacking } from './unpack/unpack-service.ts';

addEventListener('unhandledrejection', ({ reason }) => reportError(reason));

addEventListener('message', (event: MessageEvent<{ port: MessagePort }>) => serveUnpacking(event.data.port), {
  once: true,
});
