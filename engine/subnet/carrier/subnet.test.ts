import { describe, expect, it } from 'vitest';
import { fields, text } from '../../base/decode.ts';
import { TestWire } from '../testing/test-wire.ts';
import { type MessageKind, openBroadcastPort, Subnet, type SubnetProblem } from './subnet.ts';

const GREETING: MessageKind<{ words: string }> = {
  name: 'greeting',
  decode: (value) => ({ words: text(fields(value).words, 'words') }),
};

function node(wire: TestWire, nodeId: string): { subnet: Subnet; heard: string[]; problems: SubnetProblem[] } {
  const heard: string[] = [];
  const problems: SubnetProblem[] = [];
  const subnet = new Subnet({ nodeId, openPort: wire.portsOf(nodeId), onProblem: (problem) => problems.push(problem) });
  subnet.on(GREETING, (from, { words }) => heard.push(`${from}: ${words}`));
  return { subnet, heard, problems };
}

describe('the subnet', () => {
  it('carries a message to one node, or to all', async () => {
    const wire = new TestWire();
    const [a, b, c] = ['a', 'b', 'c'].map((id) => node(wire, id));
    a.subnet.send('b', GREETING, { words: 'to b' });
    a.subnet.broadcast(GREETING, { words: 'to all' });
    await wire.time.pass(1);
    expect(a.heard).toEqual([]);
    expect(b.heard).toEqual(['a: to b', 'a: to all']);
    expect(c.heard).toEqual(['a: to all']);
  });

  it('keeps private channels private, and takes what comes there as a sign of life', async () => {
    const wire = new TestWire();
    const [a, b, c] = ['a', 'b', 'c'].map((id) => node(wire, id));
    const signs: string[] = [];
    b.subnet.onHeard((from) => signs.push(from));
    const [ofA, ofB] = [a.subnet.privateChannel('p'), b.subnet.privateChannel('p')];
    const heard: string[] = [];
    ofB.on(GREETING, (_from, { words }) => heard.push(words));
    ofA.broadcast(GREETING, { words: 'psst' });
    await wire.time.pass(1);
    expect(heard).toEqual(['psst']);
    expect(signs).toEqual(['a']);
    expect([...b.heard, ...c.heard]).toEqual([]);
  });

  it('drops what is foreign or malformed, counts it, and reports each cause once', async () => {
    const wire = new TestWire();
    const { subnet, heard, problems } = node(wire, 'a');
    const envelope = { magic: 'tabvisor-subnet', version: 1, from: 'x', to: 'a', kind: 'greeting' };
    const foreign = [
      undefined,
      null,
      1,
      'x',
      [],
      {},
      { magic: 'other' },
      { ...envelope, from: '' },
      { ...envelope, to: 4 },
    ];
    for (const message of foreign) wire.inject(message);
    for (const body of [undefined, {}, { words: 5 }, { words: 'x'.repeat(5000) }]) wire.inject({ ...envelope, body });
    for (const version of [0, 2, '1']) wire.inject({ ...envelope, version });
    wire.inject({ ...envelope, kind: 'unheard-of' });
    wire.inject({ ...envelope, from: 'a', body: { words: 'me' } });
    expect(heard).toEqual([]);
    expect(Object.fromEntries(subnet.rejected)).toEqual({
      'Foreign message on the subnet': foreign.length,
      'Malformed "greeting" message on the subnet': 4,
      'Another version of tabvisor is on the subnet': 3,
      'Two nodes of the subnet have the same id': 1,
    });
    expect(problems.map((problem) => problem.title)).toEqual([...subnet.rejected.keys()]);
  });

  it('says once of each sender that its messages are malformed, without asking anything of anybody', async () => {
    const wire = new TestWire();
    const { subnet, problems } = node(wire, 'a');
    const send = (from: string) =>
      wire.inject({ magic: 'tabvisor-subnet', version: 1, from, to: '*', kind: 'greeting', body: 7 });
    for (const from of ['x', 'y', 'x', 'y', 'x']) send(from);
    expect(problems.map(({ detail, quiet }) => [detail.split(' was')[0], quiet])).toEqual([
      ['A message from x', true],
      ['A message from y', true],
    ]);
    for (let n = 0; n < 500; n++) send(`invented-${n}`);
    expect(problems.length).toBeLessThan(100);
    expect([...subnet.rejected.values()]).toEqual([505]);
  });

  it('works over BroadcastChannel', async () => {
    const channel = 'subnet-test';
    const a = new Subnet({ nodeId: 'a', openPort: openBroadcastPort, channel });
    const b = new Subnet({ nodeId: 'b', openPort: openBroadcastPort, channel });
    const words = await new Promise((resolve) => {
      b.on(GREETING, (_from, body) => resolve(body.words));
      a.send('b', GREETING, { words: 'over the real one' });
    });
    a.close();
    b.close();
    expect(words).toBe('over the real one');
  });
});
