import { describe, expect, it } from 'vitest';
import { deferred } from '../../base/deferred.ts';
import { instantCarrier } from '../carrier/carrier.ts';
import { Subnet } from '../carrier/subnet.ts';
import { TestWire } from '../testing/test-wire.ts';
import { type Stream, StreamError } from './stream.ts';
import { StreamHub } from './stream-hub.ts';

const MIB = 2 ** 20;

async function connected(): Promise<{ wire: TestWire; left: Stream; right: Stream }> {
  const wire = new TestWire();
  const [a, b] = ['a', 'b'].map((id) => {
    const subnet = new Subnet({ nodeId: id, openPort: wire.portsOf(id) });
    return new StreamHub(subnet, wire.timebaseOf(id));
  });
  const accepted = deferred<Stream>();
  b.serve('test', instantCarrier, accepted.resolve);
  const left = await wire.time.wait(a.connect('b', 'test', instantCarrier));
  return { wire, left, right: await accepted.promise };
}

/** Loses the messages of a kind whose number is given. */
function lose(wire: TestWire, kind: string, ...numbers: number[]): void {
  let seen = 0;
  wire.onPost = (_from, message) => {
    if ((message as { kind: string }).kind !== kind) return undefined;
    return numbers.includes(seen++) ? 'drop' : undefined;
  };
}

describe('streams', () => {
  it('hand messages over in order, one at a time, both ways', async () => {
    const { wire, left, right } = await connected();
    const heard: unknown[] = [];
    let busy = false;
    right.receive(async (payload) => {
      expect(busy).toBe(false);
      busy = true;
      await new Promise<void>((done) => wire.time.after(Math.random() * 5, done));
      heard.push(payload);
      busy = false;
    });
    left.receive((payload) => void heard.push(payload));
    for (let i = 0; i < 20; i++) await left.send(i, 10);
    await wire.time.wait(left.drained());
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => i));
    await right.send('back', 10);
    await wire.time.pass(1);
    expect(heard[20]).toBe('back');
  });

  it('wait for a receiver that is busy for 25 s, as one is that starts a vCPU on a loaded machine', async () => {
    const { wire, left, right } = await connected();
    right.receive(() => new Promise<void>((done) => wire.time.after(25_000, done)));
    await left.send('slow', 10);
    await wire.time.wait(left.drained());
    expect(wire.time.now()).toBeGreaterThanOrEqual(25_000);
  });

  it('break when a receiver has not come to an end for half a minute', async () => {
    const { wire, left, right } = await connected();
    right.receive(() => deferred<void>().promise);
    await left.send('lost', 10);
    await expect(wire.time.wait(left.drained(), 60_000)).rejects.toThrow('b has not answered for 30 seconds.');
    expect(await wire.time.wait(right.closed)).toBe('b has not answered for 30 seconds.');
  });

  it('hold the sender back while the receiver is busy', async () => {
    const { wire, left, right } = await connected();
    const blocked = deferred<void>();
    right.receive(() => blocked.promise);
    let sent = 0;
    const sending = (async () => {
      for (let i = 0; i < 20; i++) {
        await left.send(i, MIB);
        sent += 1;
      }
    })();
    await wire.time.pass(1000);
    expect(sent).toBe(8);
    blocked.resolve();
    await wire.time.wait(sending);
    expect(sent).toBe(20);
  });

  it('keep what arrives before there is a receiver', async () => {
    const { wire, left, right } = await connected();
    await left.send('early', 10);
    await wire.time.pass(10);
    const heard: unknown[] = [];
    right.receive((payload) => void heard.push(payload));
    expect(heard).toEqual(['early']);
  });

  it('break when a message is lost, at both ends', async () => {
    const { wire, left, right } = await connected();
    const heard: unknown[] = [];
    right.receive((payload) => void heard.push(payload));
    lose(wire, 'stream-data', 1);
    for (let i = 0; i < 3; i++) await left.send(i, 10);
    expect(await wire.time.wait(left.closed)).toContain('lost on the subnet');
    await right.closed;
    expect(heard).toEqual([0]);
    await expect(left.send(4, 10)).rejects.toThrow(StreamError);
  });

  it('break when the last message is lost, after a while', async () => {
    const { wire, left, right } = await connected();
    right.receive(() => {});
    lose(wire, 'stream-data', 0);
    await left.send('lost', 10);
    expect(await wire.time.wait(left.closed)).toContain('has not answered');
  });

  it('do not break because this node was stopped while it waited', async () => {
    const { wire, left, right } = await connected();
    const heard: unknown[] = [];
    right.receive((payload) => void heard.push(payload));
    await wire.time.pass(2000);
    await left.send('before', 10);
    wire.freeze('a');
    wire.freeze('b');
    await wire.time.pass(3_600_000);
    wire.thaw('a');
    await wire.time.pass(1);
    wire.thaw('b');
    await wire.time.wait(left.drained());
    expect(heard).toEqual(['before']);
  });

  it('ignore a message that comes twice', async () => {
    const { wire, left, right } = await connected();
    const heard: unknown[] = [];
    right.receive((payload) => void heard.push(payload));
    wire.onPost = (_from, message, channel) => {
      if ((message as { kind: string }).kind === 'stream-data') wire.time.after(5, () => wire.inject(message, channel));
      return undefined;
    };
    await left.send('once', 10);
    await wire.time.pass(100);
    expect(heard).toEqual(['once']);
  });

  it('end with the reason of the one who closed, or of the receiver that failed', async () => {
    const one = await connected();
    one.left.close('enough');
    expect(await one.wire.time.wait(one.right.closed)).toBe('enough');
    const other = await connected();
    other.right.receive(() => {
      throw new Error('bad payload');
    });
    await other.left.send('?', 10);
    expect(await other.wire.time.wait(other.left.closed)).toBe('bad payload');
  });

  it('wake a sender that waits when they close', async () => {
    const { wire, left, right } = await connected();
    right.receive(() => new Promise(() => {}));
    const sending = left.send(0, 9 * MIB);
    await wire.time.pass(10);
    right.close('over');
    await expect(wire.time.wait(sending)).rejects.toThrow('over');
  });

  it('are asked for again when the answer was lost, and given up when nobody answers', async () => {
    const wire = new TestWire();
    const hubs = ['a', 'b'].map((id) => {
      const subnet = new Subnet({ nodeId: id, openPort: wire.portsOf(id) });
      return new StreamHub(subnet, wire.timebaseOf(id));
    });
    let accepted = 0;
    hubs[1].serve('test', instantCarrier, () => {
      accepted += 1;
    });
    lose(wire, 'stream-accept', 0, 1);
    await wire.time.wait(hubs[0].connect('b', 'test', instantCarrier));
    expect(accepted).toBe(1);
    await expect(wire.time.wait(hubs[0].connect('nobody', 'test', instantCarrier))).rejects.toThrow(
      'nobody does not answer',
    );
  });
});
