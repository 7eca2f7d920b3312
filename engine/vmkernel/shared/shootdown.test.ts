import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import { DOORBELL_STOP, SHOOTDOWN_DONE, SHOOTDOWN_REQUEST } from '../../cpu/abi/layout.ts';
import { MachineMemory } from '../memory/machine-memory.ts';
import { virtualTimePorts } from '../testing/virtual-time-ports.ts';
import { Doorbell } from './doorbell.ts';
import { requestShootdown, ShootdownError, ShootdownResponder } from './shootdown.ts';

const CPU = 0x10000;

function vcpu() {
  const { memory } = new MachineMemory(1);
  const time = new VirtualTime();
  return { memory, time, doorbell: new Doorbell(memory, CPU), responder: new ShootdownResponder(memory, CPU) };
}

describe('TLB shootdown', () => {
  it('rings the doorbell and resolves when the write tags are gone, not before', async () => {
    const { memory, time, doorbell, responder } = vcpu();
    const order: string[] = [];
    const done = requestShootdown(memory, CPU, time).then(() => order.push('resolved'));
    expect(doorbell.value & DOORBELL_STOP).toBe(DOORBELL_STOP);
    await time.pass(20);
    expect(order).toEqual([]);
    doorbell.clearStop();
    expect(responder.answer(() => order.push('withdrawn'))).toBe(true);
    await done;
    expect(order).toEqual(['withdrawn', 'resolved']);
    expect(responder.answer(() => order.push('again'))).toBe(false);
  });

  it('answers several requests with one withdrawal', async () => {
    const { memory, time, responder } = vcpu();
    const both = Promise.all([requestShootdown(memory, CPU, time), requestShootdown(memory, CPU, time)]);
    let withdrawals = 0;
    responder.answer(() => withdrawals++);
    await both;
    expect(withdrawals).toBe(1);
  });

  it('goes on when the counters wrap', async () => {
    const { memory, time, responder } = vcpu();
    const words = new Int32Array(memory.buffer);
    words[(CPU + SHOOTDOWN_REQUEST) / 4] = 0x7fffffff;
    words[(CPU + SHOOTDOWN_DONE) / 4] = 0x7fffffff;
    const done = requestShootdown(memory, CPU, time, 1000);
    responder.answer(() => {});
    await expect(done).resolves.toBeUndefined();
  });

  it('does not wait for a stopped vCPU, which answers before it goes on', async () => {
    const { memory, time, responder } = vcpu();
    const before = requestShootdown(memory, CPU, time);
    responder.stop();
    await before;
    await requestShootdown(memory, CPU, time);
    responder.start();
    let withdrawals = 0;
    expect(responder.answer(() => withdrawals++)).toBe(true);
    expect(withdrawals).toBe(1);
    const after = expect(requestShootdown(memory, CPU, time, 30)).rejects.toThrow(ShootdownError);
    await time.wait(after, 30);
  });

  it('gives up on a vCPU that does not answer', async () => {
    const { memory, time } = vcpu();
    const refused = expect(requestShootdown(memory, CPU, time, 30)).rejects.toThrow(ShootdownError);
    await time.wait(refused, 30);
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
    const { doorbell, time } = vcpu();
    const { waitForChange } = virtualTimePorts(time);
    const rung = doorbell.wait(doorbell.value, 5000, waitForChange);
    doorbell.requestStop();
    await time.wait(rung, 0);
    await time.wait(doorbell.wait(doorbell.value + 1, 5000, waitForChange), 0);
    let over = false;
    void doorbell.wait(doorbell.value, 5, waitForChange).then(() => {
      over = true;
    });
    await time.pass(4);
    expect(over).toBe(false);
    await time.pass(1);
    expect(over).toBe(true);
  });
});
