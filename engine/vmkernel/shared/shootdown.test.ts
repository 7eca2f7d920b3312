import { describe, expect, it } from 'vitest';
import { DOORBELL_STOP, SHOOTDOWN_DONE, SHOOTDOWN_REQUEST } from '../../cpu/abi/layout.ts';
import { MachineMemory } from '../memory/machine-memory.ts';
import { Doorbell } from './doorbell.ts';
import { requestShootdown, ShootdownError, ShootdownResponder } from './shootdown.ts';

const CPU = 0x10000;
const now = () => performance.now();

function vcpu() {
  const { memory } = new MachineMemory(1);
  return { memory, doorbell: new Doorbell(memory, CPU), responder: new ShootdownResponder(memory, CPU) };
}

describe('TLB shootdown', () => {
  it('rings the doorbell and resolves when the write tags are gone, not before', async () => {
    const { memory, doorbell, responder } = vcpu();
    const order: string[] = [];
    const done = requestShootdown(memory, CPU, now).then(() => order.push('resolved'));
    expect(doorbell.value & DOORBELL_STOP).toBe(DOORBELL_STOP);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(order).toEqual([]);
    doorbell.clearStop();
    expect(responder.answer(() => order.push('withdrawn'))).toBe(true);
    await done;
    expect(order).toEqual(['withdrawn', 'resolved']);
    expect(responder.answer(() => order.push('again'))).toBe(false);
  });

  it('answers several requests with one withdrawal', async () => {
    const { memory, responder } = vcpu();
    const both = Promise.all([requestShootdown(memory, CPU, now), requestShootdown(memory, CPU, now)]);
    let withdrawals = 0;
    responder.answer(() => withdrawals++);
    await both;
    expect(withdrawals).toBe(1);
  });

  it('goes on when the counters wrap', async () => {
    const { memory, responder } = vcpu();
    const words = new Int32Array(memory.buffer);
    words[(CPU + SHOOTDOWN_REQUEST) / 4] = 0x7fffffff;
    words[(CPU + SHOOTDOWN_DONE) / 4] = 0x7fffffff;
    const done = requestShootdown(memory, CPU, now, 1000);
    responder.answer(() => {});
    await expect(done).resolves.toBeUndefined();
  });

  it('gives up on a vCPU that does not answer', async () => {
    const { memory } = vcpu();
    await expect(requestShootdown(memory, CPU, now, 30)).rejects.toThrow(ShootdownError);
  });
});

describe('Doorbell', () => {
  it('keeps the interrupt line and the stop request apart', () => {
    const { doorbell } = vcpu();
    doorbell.setInterrupt(true);
    doorbell.requestStop();
    doorbell.clearStop();
    expect(doorbell.value).toBe(1);
    doorbell.requestStop();
    doorbell.setInterrupt(false);
    expect(doorbell.value).toBe(DOORBELL_STOP);
  });

  it('wakes who waits when it is rung, and at the latest after the time given', async () => {
    const { doorbell } = vcpu();
    const start = now();
    const rung = doorbell.wait(doorbell.value, 5000);
    doorbell.requestStop();
    await rung;
    expect(now() - start).toBeLessThan(1000);
    await doorbell.wait(doorbell.value + 1, 5000);
    await doorbell.wait(doorbell.value, 5);
    expect(now() - start).toBeLessThan(1000);
  });
});
