// What the monitor does must come out the same when every page of memory is absent at first and comes only on request: all that
// its other tests check, checked once more on such a machine. Whatever needed the page is restarted, so this shows that nothing
// is done twice, or half.

import { TestMachine } from './machine.ts';

TestMachine.pagesComeLate = true;

await import('../fpu/fpu.test.ts');
await import('../interrupts/delivery.test.ts');
await import('../memory/paging.test.ts');
await import('../segments/descriptor-queries.test.ts');
await import('../segments/segments.test.ts');
await import('../segments/stack-frames.test.ts');
await import('../strings/strings.test.ts');
await import('../system/system.test.ts');
await import('../transfers/far-transfers.test.ts');
await import('../transfers/task-switch.test.ts');
