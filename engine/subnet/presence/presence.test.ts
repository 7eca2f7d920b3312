import { describe, expect, it } from 'vitest';
import { Subnet, type SubnetProblem } from '../carrier/subnet.ts';
import { TestWire } from '../testing/test-wire.ts';
import { TestWitness } from '../testing/test-witness.ts';
import type { DeathWitness } from './death-witness.ts';
import { type Departure, Presence, SILENCE_MS } from './presence.ts';

interface TestNode {
  presence: Presence;
  appeared: string[];
  gone: Departure[];
  problems: SubnetProblem[];
}

function join(wire: TestWire, id: string, witness?: DeathWitness): TestNode {
  const timebase = wire.timebaseOf(id);
  const problems: SubnetProblem[] = [];
  const subnet = new Subnet({ nodeId: id, openPort: wire.portsOf(id), onProblem: (problem) => problems.push(problem) });
  const startedAt = timebase.now();
  const host = {
    id,
    name: `host-${id}`,
    memoryMiB: 512,
    link: { bandwidthMbits: 0, latencyMs: 0, loss: 0, jitterMs: 0 },
    tabId: 't',
    startedAt,
  };
  const presence = new Presence({ subnet, timebase, self: { id, startedAt, host }, witness });
  const node: TestNode = { presence, appeared: [], gone: [], problems };
  presence.onAppeared((other) => node.appeared.push(`${other.host?.name} ${other.host?.memoryMiB}`));
  presence.onGone((departure) => node.gone.push(departure));
  void presence.start();
  return node;
}

describe('presence', () => {
  it('nodes see each other at once, whoever came first', async () => {
    const wire = new TestWire();
    const a = join(wire, 'a');
    await wire.time.pass(500);
    const b = join(wire, 'b');
    await wire.time.pass(1);
    expect(a.appeared).toEqual(['host-b 512']);
    expect(b.appeared).toEqual(['host-a 512']);
    await wire.time.pass(60_000);
    expect(a.appeared).toHaveLength(1);
    expect(a.gone).toEqual([]);
  });

  it('tells a change of the description', async () => {
    const wire = new TestWire();
    const a = join(wire, 'a');
    const b = join(wire, 'b');
    await wire.time.pass(10);
    b.presence.update({ ...b.presence.find('a')!.host!, id: 'b', name: 'host-b', memoryMiB: 1024 });
    await wire.time.pass(10);
    expect(a.appeared).toEqual(['host-b 512', 'host-b 1024']);
  });

  it('a goodbye is certain', async () => {
    const wire = new TestWire();
    const a = join(wire, 'a');
    const b = join(wire, 'b');
    await wire.time.pass(10);
    b.presence.stop();
    await wire.time.pass(1);
    expect(a.gone).toMatchObject([{ id: 'b', certain: true }]);
    expect(a.presence.nodes()).toEqual([]);
  });

  it('silence is not certain, and takes more than SILENCE_MS', async () => {
    const wire = new TestWire();
    const a = join(wire, 'a');
    join(wire, 'b');
    await wire.time.pass(10_000);
    wire.kill('b');
    const killedAt = wire.time.now();
    await wire.time.until(() => a.gone.length > 0);
    expect(a.gone).toMatchObject([{ id: 'b', certain: false }]);
    expect(wire.time.now() - killedAt).toBeGreaterThan(SILENCE_MS - 1000);
    expect(wire.time.now() - killedAt).toBeLessThan(SILENCE_MS + 2000);
  });

  it('never takes a node for dead that was heard within SILENCE_MS', async () => {
    for (let phase = 0; phase < 1000; phase += 90) {
      const wire = new TestWire();
      const a = join(wire, 'a');
      await wire.time.pass(phase);
      join(wire, 'b');
      let heardAt = 0;
      wire.onPost = (from) => {
        if (from === 'b') heardAt = wire.time.now();
        return undefined;
      };
      await wire.time.pass(5000);
      wire.kill('b');
      await wire.time.until(() => a.gone.length > 0);
      expect(wire.time.now() - heardAt).toBeGreaterThanOrEqual(SILENCE_MS);
    }
  });

  it('a node that was itself held up declares nobody dead', async () => {
    const wire = new TestWire();
    const a = join(wire, 'a');
    join(wire, 'b');
    await wire.time.pass(10);
    wire.freeze('a');
    await wire.time.pass(30_000);
    wire.thaw('a');
    await wire.time.pass(5000);
    expect(a.gone).toEqual([]);
  });

  it('with life locks a death is certain and known soon, and a frozen node is not dead', async () => {
    const wire = new TestWire();
    const locks = new TestWitness(wire);
    const a = join(wire, 'a', locks.of('a'));
    join(wire, 'b', locks.of('b'));
    await wire.time.pass(10);
    wire.freeze('b');
    await wire.time.pass(60_000);
    expect(a.gone).toEqual([]);
    wire.kill('b');
    await wire.time.pass(500);
    expect(a.gone).toMatchObject([{ id: 'b', certain: true }]);
  });

  it('says who is silent, for how long, and only then', async () => {
    const wire = new TestWire();
    const locks = new TestWitness(wire);
    const a = join(wire, 'a', locks.of('a'));
    join(wire, 'b', locks.of('b'));
    const silences: number[] = [];
    a.presence.onSilence((id, ms) => silences.push(id === 'b' ? ms : -1));
    await wire.time.pass(10_000);
    expect(silences).toEqual([]);
    wire.freeze('b');
    await wire.time.pass(8500);
    expect(silences).toEqual([5000, 6000, 7000, 8000]);
    wire.thaw('b');
    // This node was stopped itself: it has not been listening.
    wire.freeze('a');
    await wire.time.pass(60_000);
    wire.thaw('a');
    await wire.time.pass(10_000);
    expect(silences).toHaveLength(4);
  });

  it('a node that was heard before it had its life lock is judged by the lock all the same', async () => {
    const wire = new TestWire();
    const locks = new TestWitness(wire);
    const a = join(wire, 'a', locks.of('a'));
    await wire.time.pass(500);
    const late = locks.of('b');
    const hold = (life: string) =>
      new Promise<void>((resolve) => wire.time.after(3000, () => void late.hold(life).then(resolve)));
    join(wire, 'b', { ...late, hold });
    await wire.time.pass(5000);
    wire.freeze('b');
    await wire.time.pass(60_000);
    expect(a.gone).toEqual([]);
    wire.kill('b');
    await wire.time.pass(500);
    expect(a.gone).toMatchObject([{ id: 'b', certain: true }]);
  });

  it('a node under other locks is silent when it dies or freezes, and never certainly gone by a lock', async () => {
    for (const silence of ['kill', 'freeze'] as const) {
      const wire = new TestWire();
      const [here, there] = [new TestWitness(wire), new TestWitness(wire)];
      const a = join(wire, 'a', here.of('a'));
      join(wire, 'b', there.of('b'));
      join(wire, 'c', here.of('c'));
      await wire.time.pass(5000);
      expect(a.gone).toEqual([]);
      wire[silence]('b');
      wire[silence]('c');
      await wire.time.pass(3_600_000);
      const near = silence === 'kill' ? [{ id: 'c', certain: true, reason: 'Its tab was closed.' }] : [];
      const far = { id: 'b', certain: false, reason: 'It has not been heard from for some seconds.' };
      expect(a.gone).toEqual([...near, far]);
    }
  });

  it('a node that was gone for silence comes back, or is certainly gone by what is heard of it later', async () => {
    const wire = new TestWire();
    const [here, there] = [new TestWitness(wire), new TestWitness(wire)];
    const a = join(wire, 'a', here.of('a'));
    const b = join(wire, 'b', there.of('b'));
    await wire.time.pass(10);
    wire.freeze('b');
    await wire.time.pass(60_000);
    expect(a.gone).toMatchObject([{ id: 'b', certain: false }]);
    wire.thaw('b');
    await wire.time.pass(1500);
    expect(a.appeared).toEqual(['host-b 512', 'host-b 512']);
    wire.freeze('b');
    await wire.time.pass(60_000);
    b.presence.stop();
    await wire.time.pass(1);
    expect(a.gone.map(({ certain }) => certain)).toEqual([false, false, true]);
  });

  it('does not take the word of a node for its lock: what it claims to hold has to be seen', async () => {
    const wire = new TestWire();
    const a = join(wire, 'a', new TestWitness(wire).of('a'));
    const envelope = { magic: 'tabvisor-subnet', version: 1, from: 'b', to: '*', kind: 'announce' };
    // The second is from a build that did not speak of locks.
    for (const claim of [{ witnessed: true }, {}]) {
      wire.inject({ ...envelope, body: { id: 'b', startedAt: 5, answer: true, ...claim } });
      await wire.time.pass(10_000);
      expect(a.gone.splice(0)).toMatchObject([{ id: 'b', certain: false }]);
    }
    wire.inject({ ...envelope, body: { id: 'b', startedAt: 5, answer: true, witnessed: 'yes' } });
    expect(a.presence.nodes()).toEqual([]);
    expect(a.problems).toHaveLength(1);
  });

  it('a node that comes back with another start time was gone', async () => {
    const wire = new TestWire();
    const a = join(wire, 'a');
    join(wire, 'b');
    await wire.time.pass(500);
    wire.kill('b');
    const envelope = { magic: 'tabvisor-subnet', version: 1, from: 'b', to: '*', kind: 'announce' };
    wire.inject({ ...envelope, body: { id: 'b', startedAt: 5, witnessed: false, answer: true } });
    expect(a.gone).toMatchObject([{ id: 'b', certain: true, reason: 'It was restarted.' }]);
    expect(a.presence.find('b')).toEqual({ id: 'b', startedAt: 5 });
  });

  it('does not believe a node that announces another', async () => {
    const wire = new TestWire();
    const a = join(wire, 'a');
    const envelope = { magic: 'tabvisor-subnet', version: 1, from: 'x', to: '*', kind: 'announce' };
    wire.inject({ ...envelope, body: { id: 'y', startedAt: 5, witnessed: false, answer: true } });
    expect(a.presence.nodes()).toEqual([]);
    expect(a.problems).toHaveLength(1);
  });
});
