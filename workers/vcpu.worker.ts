// A vCPU worker in a browser: takes its port from the first message and serves the vCPU there.

import { createExecutor } from '../engine/cpu/executor/executor.ts';
import { serveVcpu } from './vcpu-service.ts';

// An unhandled rejection ends nothing by itself, and the VM would stand still without an error message.
addEventListener('unhandledrejection', ({ reason }) => reportError(reason));

addEventListener(
  'message',
  (event: MessageEvent<{ port: MessagePort }>) => serveVcpu(event.data.port, createExecutor),
  { once: true },
);
