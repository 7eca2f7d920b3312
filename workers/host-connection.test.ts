// A console's calls to a host that is frozen, in virtual time: they end, and what was abandoned is never carried out.

import type { Endpoint } from 'comlink';
import { describe, expect, it } from 'vitest';
import { deferred } from '../engine/base/deferred.ts';
import type { HostApi, HostConnection, HostInfo } from '../engine/host/api.ts';
import { EventBus } from '../engine/host/event-bus.ts';
import { CALL_LIMIT_MS, FRESH_MS, SILENT_CALL_LIMIT_MS } from '../engine/host/host-calls.ts';
import type { ServedHost } from '../engine/host/serial-calls.ts';
import { Subnet } from '../engine/subnet/carrier/subnet.ts';
import { Presence } from '../engine/subnet/presence/presence.ts';
import { EndpointHub } from '../engine/subnet/streams/endpoint.ts';
import { TestWire } from '../engine/subnet/testing/test-wire.ts';
import { TestWitness } from '../engine/subnet/testing/test-witness.ts';
import { createHostConnection } from './host-connection.ts';
import { serveConsole } from './serve-console.ts';
import { TEST_VM } from './testing/test-host.ts';

interface Lab {
  wire: TestWire;
  connection: HostConnection;
  /** What the host did, and when. */
  done: { what: string; at: number }[];
  silences: (number | undefined)[];
}

/** A host that reports twice a second, and takes `ms` for each power-on. */
async function lab(ms = 0): Promise<Lab> {
  const wire = new TestWire();
  const locks = new TestWitness(wire);
  const done: Lab['done'] = [];
  const node = (id: string) => {
    const timebase = wire.timebaseOf(id);
    const subnet = new Subnet({ nodeId: id, openPort: wire.portsOf(id) });
    const presence = new Presence({ subnet, timebase, self: { id, startedAt: timebase.now() }, witness: locks.of(id) });
    void presence.start();
    return { timebase, hub: new EndpointHub(subnet, presence) };
  };
  const [host, console] = [node('host'), node('console')];
  await wire.time.pass(10);
  const events = new EventBus();
  const report = () => {
    events.emit({ type: 'problem', title: 'still here', detail: '' });
    host.timebase.after(500, report);
  };
  report();
  const did = (what: string) => void done.push({ what, at: wire.time.now() });
  const work = (what: string) => async () => {
    did(what);
    await new Promise<void>((over) => host.timebase.after(ms, over));
  };
  const served = {
    events,
    admission: async () => 'no room',
    deleteVm: async () => {
      throw new Error('It is on.');
    },
    setLink: async () => did('link'),
    powerOn: work('power-on'),
    migrate: work('migrate'),
  } as unknown as ServedHost;
  host.hub.serve('control', (endpoint) => serveConsole(served, endpoint as Endpoint, endpoint.closed, host.timebase));
  const endpoint = console.hub.connect('host', 'control');
  const connection = createHostConnection({
    info: { id: 'host', name: 'host-c' } as HostInfo,
    endpoint: endpoint as Endpoint,
    gone: endpoint.closed,
    hangUp: () => endpoint.close(),
    timebase: console.timebase,
  });
  const silences: Lab['silences'] = [];
  connection.onSilence((since) => silences.push(since));
  await wire.time.pass(1000);
  return { wire, connection, done, silences };
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'it was done',
    (error: Error) => error.message,
  );

const LINK = { bandwidthMbits: 1, latencyMs: 0, loss: 0, jitterMs: 0 };

describe('calls to a host', () => {
  it('bring results and errors, and only what a host can do', async () => {
    const { wire, connection } = await lab();
    expect(await wire.time.wait(connection.api.admission(TEST_VM))).toBe('no room');
    expect(await wire.time.wait(failure(connection.api.deleteVm('vm')))).toBe('It is on.');
    const foreign = connection.api as HostApi & { events(): Promise<void> };
    expect(await wire.time.wait(failure(foreign.events()))).toContain('cannot do');
  });

  it('to a frozen one end, and are not carried out when it goes on', async () => {
    const { wire, connection, done } = await lab();
    wire.freeze('host');
    const asked = failure(connection.api.setLink(LINK));
    const started = wire.time.now();
    expect(await wire.time.wait(asked)).toBe('host-c does not respond. The request has expired.');
    expect(wire.time.now() - started).toBeLessThanOrEqual(CALL_LIMIT_MS);
    await wire.time.pass(100_000);
    wire.thaw('host');
    await wire.time.pass(10_000);
    expect(done).toEqual([]);
    await wire.time.wait(connection.api.setLink(LINK));
    expect(done).toHaveLength(1);
  });

  it('are carried out if the host goes on in time, and exactly then', async () => {
    for (let frozen = 500; frozen < 2 * CALL_LIMIT_MS; frozen += 250) {
      const { wire, connection, done } = await lab();
      wire.freeze('host');
      const asked = failure(connection.api.setLink(LINK));
      await wire.time.pass(frozen);
      wire.thaw('host');
      const outcome = await wire.time.wait(asked);
      await wire.time.pass(20_000);
      expect([frozen, outcome, done.length]).toEqual(
        frozen < CALL_LIMIT_MS ? [frozen, 'it was done', 1] : [frozen, expect.stringContaining('expired'), 0],
      );
    }
  });

  it('are never carried out after they were given up, whoever is stopped when', async () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    let carriedOut = 0;
    for (let round = 0; round < 60; round++) {
      const { wire, connection, done } = await lab();
      const givenUp = { at: Number.POSITIVE_INFINITY };
      connection.api.setLink(LINK).catch(() => {
        givenUp.at = wire.time.now();
      });
      for (let step = 0; step < 6; step++) {
        const node = random() < 0.5 ? 'host' : 'console';
        if (random() < 0.5) wire.freeze(node);
        else wire.thaw(node);
        await wire.time.pass(random() * 6000);
      }
      wire.thaw('host');
      wire.thaw('console');
      await wire.time.pass(30_000);
      expect(done.length).toBeLessThanOrEqual(1);
      for (const { at } of done) expect(at).toBeLessThan(givenUp.at);
      carriedOut += done.length;
    }
    expect(carriedOut).toBeGreaterThan(10);
    expect(carriedOut).toBeLessThan(60);
  });

  it('that take long are waited for while the host lives', async () => {
    const { wire, connection } = await lab(120_000);
    await wire.time.wait(connection.api.powerOn('vm'));
  });

  it('that have begun end when the host has been silent for long, except migrations', async () => {
    const { wire, connection } = await lab(20_000);
    const on = failure(connection.api.powerOn('vm'));
    const moved = failure(connection.api.migrate('vm', 'b'));
    await wire.time.pass(100);
    wire.freeze('host');
    await wire.time.pass(SILENT_CALL_LIMIT_MS + 2000);
    expect(await on).toContain('stopped responding');
    await wire.time.pass(600_000);
    wire.thaw('host');
    expect(await wire.time.wait(moved)).toBe('it was done');
  });

  it('end at once when the host has died', async () => {
    const { wire, connection } = await lab();
    wire.freeze('host');
    const asked = failure(connection.api.admission(TEST_VM));
    await wire.time.pass(1000);
    wire.kill('host');
    await wire.time.pass(1000);
    expect(await asked).toContain('closed');
  });

  it('keep the limits that their order rests on', () => {
    expect(FRESH_MS).toBeLessThan(CALL_LIMIT_MS);
  });
});

describe('the silence of a host', () => {
  it('is told once, with when it was heard last, and that it is over', async () => {
    const { wire, silences } = await lab();
    await wire.time.pass(20_000);
    expect(silences).toEqual([]);
    wire.freeze('host');
    const frozenAt = wire.time.now();
    await wire.time.pass(30_000);
    expect(silences).toHaveLength(1);
    expect(Math.abs(silences[0]! - frozenAt)).toBeLessThan(600);
    wire.thaw('host');
    await wire.time.pass(1000);
    expect(silences).toHaveLength(2);
    expect(silences[1]).toBeUndefined();
  });

  it('is not told by a console that was stopped itself', async () => {
    const { wire, silences } = await lab();
    for (const ms of [3000, 60_000, 3_600_000]) {
      wire.freeze('console');
      await wire.time.pass(ms);
      wire.thaw('console');
      await wire.time.pass(3000);
    }
    expect(silences).toEqual([]);
  });
});

it('takes the end of the line for the answer of a host that was to shut down, and of no other call', async () => {
  const { port1: ours, port2: theirs } = new MessageChannel();
  const { promise: gone, resolve: over } = deferred<string>();
  const { api } = createHostConnection({
    info: { id: 'host', name: 'host-c' } as HostInfo,
    endpoint: ours,
    gone,
    hangUp() {},
  });
  const calls = [api.shutdown(true), api.powerOn('vm-1')];
  const outcomes = Promise.allSettled(calls);
  over('host-c was shut down.');
  expect(await outcomes).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { message: 'host-c was shut down.' } },
  ]);
  ours.close();
  theirs.close();
});
