// Lets a worker thread of Node load TypeScript: threads do not inherit tsx from their parent. What runs in it is the file
// that workerData.main names.

import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(`./${workerData.main}`);
