import { type Endpoint, expose, wrap } from 'comlink';
import { describe, expect, it } from 'vitest';
import { Subnet } from '../carrier/subnet.ts';
import { Presence } from '../presence/presence.ts';
import { TestWire } from '../testing/test-wire.ts';
import { EndpointHub, type SubnetEndpoint } from './endpoint.ts';

async function cluster(): Promise<{ wire: TestWire; console: EndpointHub; host: EndpointHub; hostPresence: Presence }> {
  const wire = new TestWire();
  const [console, host] = ['console', 'host'].map((id) => {
    const timebase = wire.timebaseOf(id);
    const subnet = new Subnet({ nodeId: id, openPort: wire.portsOf(id) });
    const presence = new Presence({ subnet, timebase, self: { id, startedAt: timebase.now() } });
    void presence.start();
    return { hub: new EndpointHub(subnet, presence), presence };
  });
  await wire.time.pass(10);
  return { wire, console: console.hub, host: host.hub, hostPresence: host.presence };
}

describe('endpoints', () => {
  it('carry Comlink calls and their errors', async () => {
    const { wire, console, host } = await cluster();
    const api = {
      add: (a: number, b: number) => a + b,
      fail: () => {
        throw new Error('no room');
      },
    };
    host.serve('api', (endpoint) => expose(api, endpoint as Endpoint));
    const remote = wrap<typeof api>(console.connect('host', 'api') as Endpoint);
    expect(await wire.time.wait(remote.add(2, 3))).toBe(5);
    await expect(wire.time.wait(Promise.resolve(remote.fail()))).rejects.toThrow('no room');
  });

  it('keep connections apart and hold messages until they are started', async () => {
    const { wire, console, host } = await cluster();
    const served: SubnetEndpoint[] = [];
    host.serve('events', (endpoint) => served.push(endpoint));
    const [one, two] = [console.connect('host', 'events'), console.connect('host', 'events')];
    const heard: string[] = [];
    one.addEventListener('message', (event) => heard.push(`one ${(event as MessageEvent).data}`));
    two.addEventListener('message', (event) => heard.push(`two ${(event as MessageEvent).data}`));
    two.start();
    await wire.time.pass(1);
    served[0].postMessage('first');
    served[0].postMessage('second');
    served[1].postMessage('third');
    await wire.time.pass(1);
    expect(heard).toEqual(['two third']);
    one.start();
    expect(heard).toEqual(['two third', 'one first', 'one second']);
  });

  it('say so when a service is not offered', async () => {
    const { wire, console } = await cluster();
    expect(await wire.time.wait(console.connect('host', 'nothing').closed)).toContain('does not offer nothing');
  });

  it('are closed at both ends by either, and when the other node is gone', async () => {
    const { wire, console, host, hostPresence } = await cluster();
    const served: SubnetEndpoint[] = [];
    host.serve('api', (endpoint) => served.push(endpoint));
    const one = console.connect('host', 'api');
    await wire.time.pass(1);
    one.close('enough');
    expect(await wire.time.wait(served[0].closed)).toBe('enough');
    const two = console.connect('host', 'api');
    hostPresence.stop();
    expect(await wire.time.wait(two.closed)).toContain('shut down');
  });

  it('outlast the silence of a node that goes on, and end with one that was begun anew', async () => {
    const { wire, console, host } = await cluster();
    host.serve('api', (endpoint) => expose({ add: (a: number, b: number) => a + b }, endpoint as Endpoint));
    const endpoint = console.connect('host', 'api');
    const remote = wrap<{ add(a: number, b: number): number }>(endpoint as Endpoint);
    await wire.time.pass(1);
    wire.freeze('host');
    await wire.time.pass(60_000);
    wire.thaw('host');
    expect(await wire.time.wait(remote.add(2, 3))).toBe(5);
    wire.kill('host');
    await wire.time.pass(60_000);
    const envelope = { magic: 'tabvisor-subnet', version: 1, from: 'host', to: '*', kind: 'announce' };
    wire.inject({ ...envelope, body: { id: 'host', startedAt: 7e12, witnessed: false, answer: true } });
    expect(await wire.time.wait(endpoint.closed)).toContain('restarted');
  });
});
