// A vCPU worker in a browser: takes its port from the first message and serves the vCPU there.

import { createExecutor } from '../engine/executor/executor.ts';
import { serveVcpu } from './vcpu-service.ts';

addEventListener(
  'message',
  (event: MessageEvent<{ port: MessagePort }>) => serveVcpu(event.data.port, createExecutor),
  { once: true },
);
