// A translator in Node: takes its port from workerData and serves there.

import { workerData } from 'node:worker_threads';
import { serveTranslator } from './translator-service.ts';

serveTranslator((workerData as { port: MessagePort }).port);
