// A vCPU worker in Node: takes its port from workerData and serves the vCPU there.

import { workerData } from 'node:worker_threads';
import { createExecutor } from '../engine/cpu/executor/executor.ts';
import { serveVcpu } from './vcpu-service.ts';

serveVcpu((workerData as { port: MessagePort }).port, createExecutor);
