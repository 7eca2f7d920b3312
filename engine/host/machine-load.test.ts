import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Subnet } from '../subnet/carrier/subnet.ts';
import { TestWire } from '../subnet/testing/test-wire.ts';
import { apportion, MachineLoad } from './machine-load.ts';

function host(wire: TestWire, nodeId: string, cores = 2): MachineLoad {
  return new MachineLoad(new Subnet({ nodeId, openPort: wire.portsOf(nodeId) }), wire.time, cores);
}

describe('what vCPUs had of the cores', () => {
  it('adds up to no more than there are, and with ready to what was measured', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (busy) => {
        const demand = busy.reduce((sum, one) => sum + one, 0);
        const shares = busy.map((one) => apportion(one, demand, 2));
        expect(shares.reduce((sum, { used }) => sum + used, 0)).toBeLessThanOrEqual(2 + 1e-9);
        for (const [n, { used, ready }] of shares.entries()) {
          expect(used + ready).toBeCloseTo(busy[n]);
          expect(ready).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('counts the hosts of all tabs, while they are heard', async () => {
    const wire = new TestWire();
    const [a, b] = [host(wire, 'a'), host(wire, 'b')];
    a.tell(2);
    b.tell(2);
    await wire.time.pass(1);
    expect(a.share(1)).toEqual({ used: 0.5, ready: 0.5 });
    expect(b.share(1)).toEqual({ used: 0.5, ready: 0.5 });
    // Its tab is frozen: it says nothing, and uses nothing.
    await wire.time.pass(4000);
    expect(a.share(1)).toEqual({ used: 1, ready: 0 });
  });

  it('is what was measured while nobody has to wait', async () => {
    const wire = new TestWire();
    const [a, b] = [host(wire, 'a'), host(wire, 'b')];
    a.tell(0.7);
    b.tell(1.1);
    await wire.time.pass(1);
    expect(a.share(0.7)).toEqual({ used: 0.7, ready: 0 });
    b.tell(0);
    await wire.time.pass(1);
    a.tell(1.9);
    expect(a.share(0.95)).toEqual({ used: 0.95, ready: 0 });
  });
});
