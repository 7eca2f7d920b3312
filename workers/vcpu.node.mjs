// Lets a worker thread of Node load TypeScript: threads do not inherit tsx from their parent. The worker itself is
// vcpu.node.ts.

import { register } from 'tsx/esm/api';

register();
await import('./vcpu.node.ts');
