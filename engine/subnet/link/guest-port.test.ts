import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Subnet } from '../carrier/subnet.ts';
import { newCounters } from '../switch/counters.ts';
import { type PortGroup, STRICT } from '../switch/port-group.ts';
import type { SwitchPort } from '../switch/switch-port.ts';
import { VirtualSwitch } from '../switch/virtual-switch.ts';
import { broadcast, mac, numbered, numberIn } from '../testing/frames.ts';
import { TestWire } from '../testing/test-wire.ts';
import { decodeHandoverPoint, GuestPort } from './guest-port.ts';
import { Link } from './link.ts';
import { Uplink } from './uplink.ts';

const GROUP: PortGroup = { name: 'VMs', vlan: { mode: 'access', vlan: 5 }, security: STRICT };
const TRUNK: PortGroup = { name: 'uplink', vlan: { mode: 'trunk' }, security: STRICT };
const MOVER = 1;
/** EtherType of `numbered`: announcements have another. */
const EXPERIMENTAL = 0x88b5;

/** Hosts with a switch and an uplink each, and a peer guest on each of them: guest 10 on the first, 11 on the second... */
class TestNet {
  readonly wire = new TestWire();
  readonly hosts = ['a', 'b', 'c'].map((id, index) => this.#host(id, 10 + index));

  /** Numbers that the moving guest was given, in order. */
  readonly given: number[] = [];

  nic(host: number, arriving = false): GuestPort {
    const { id, network, uplink } = this.hosts[host];
    return new GuestPort({
      nodeId: id,
      network,
      uplink,
      timebase: this.wire.time,
      name: 'mover',
      mac: mac(MOVER),
      group: GROUP,
      listening: arriving,
      deliver: (frame) => {
        if (((frame[12] << 8) | frame[13]) === EXPERIMENTAL) this.given.push(numberIn(frame));
        return true;
      },
      onDetached: () => {},
    });
  }

  send(host: number, number: number, toAll: boolean): void {
    const { peer, network } = this.hosts[host];
    const from = mac(10 + host);
    network.transmit(peer, toAll ? broadcast(from, number) : numbered(from, mac(MOVER), number));
  }

  #host(id: string, peerMac: number) {
    const network = new VirtualSwitch({ timebase: this.wire.time });
    const channel = new Subnet({ nodeId: id, openPort: this.wire.portsOf(id), channel: 'tabvisor/ethernet' });
    const uplink: Uplink = new Uplink({
      channel,
      link: new Link({ bandwidthMbits: 1000, latencyMs: 0 }, this.wire.time),
      timebase: this.wire.time,
      soon: (task) => this.wire.time.after(0, task),
      receive: (frame, origin) => network.transmit(uplinkPort, frame, origin),
    });
    const uplinkPort: SwitchPort = network.connect({
      name: 'uplink',
      group: TRUNK,
      deliver: (frame, _origin, sender) => uplink.send(frame, sender),
    });
    const peer = network.connect({ name: 'peer', group: GROUP, mac: mac(peerMac), deliver: () => true });
    return { id, network, uplink, peer };
  }
}

describe('a NIC that moves', () => {
  it('is given every unicast frame once and no frame twice, wherever it comes from and whenever', async () => {
    const event = fc.record({ host: fc.nat(2), toAll: fc.boolean(), pause: fc.constantFrom(0, 0, 0.05, 0.1, 0.3) });
    const events = fc.array(event, { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(events, events, events, events, events, async (...phases) => {
        const net = new TestNet();
        /** Number of each unicast frame, by the host of its sender. */
        const unicast: number[][] = [[], [], []];
        let number = 0;
        const traffic = async (phase: number) => {
          for (const { host, toAll, pause } of phases[phase]) {
            if (!toAll) unicast[host].push(number);
            net.send(host, number++, toAll);
            await net.wire.time.pass(pause);
          }
        };
        const source = net.nic(0);
        source.transmit(broadcast(mac(MOVER), 0));
        await net.wire.time.pass(1);
        await traffic(0);
        const target = net.nic(1, true);
        // What was on its way before the target listened has to be through when the source stops.
        await net.wire.time.pass(1);
        await traffic(1);
        const point = source.hold();
        await traffic(2);
        source.handOver();
        await traffic(3);
        target.activate(decodeHandoverPoint(structuredClone(point)));
        await traffic(4);
        await net.wire.time.pass(10);
        expect(new Set(net.given).size).toBe(net.given.length);
        for (const sent of unicast) expect(net.given.filter((n) => sent.includes(n))).toEqual(sent);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the guest what was kept, in order, if it stays at the source', async () => {
    const net = new TestNet();
    const source = net.nic(0);
    source.transmit(broadcast(mac(MOVER), 0));
    await net.wire.time.pass(1);
    const target = net.nic(1, true);
    source.hold();
    for (const [n, host] of [0, 1, 2, 0].entries()) {
      net.send(host, n, n === 3);
      await net.wire.time.pass(1);
    }
    expect(net.given).toEqual([]);
    target.detach();
    source.resume();
    expect(net.given).toEqual([0, 1, 2, 3]);
    net.send(2, 4, false);
    await net.wire.time.pass(1);
    expect(net.given).toEqual([0, 1, 2, 3, 4]);
  });

  it('announces itself in five rounds, and the other switches send to where it is now', async () => {
    const net = new TestNet();
    const source = net.nic(0);
    source.transmit(broadcast(mac(MOVER), 0));
    await net.wire.time.pass(1);
    const target = net.nic(1, true);
    const point = source.hold();
    source.handOver();
    const rounds: number[] = [];
    const start = net.wire.time.now();
    net.hosts[2].network.tap((port, direction, frame) => {
      if (port.name !== 'uplink' || direction !== 'transmitted' || frame[16] !== 0x80) return;
      expect(frame[17]).toBe(0x35);
      rounds.push(net.wire.time.now() - start);
    });
    target.activate(point);
    await net.wire.time.pass(5000);
    expect(rounds.map((ms) => Math.round(ms / 10) * 10)).toEqual([0, 50, 200, 450, 800]);
    const before = net.hosts[0].uplink.counters.sentFrames;
    net.send(2, 1, false);
    net.send(0, 2, false);
    await net.wire.time.pass(5);
    expect(net.given).toEqual([1, 2]);
    expect(net.hosts[0].uplink.counters.sentFrames).toBe(before + 1);
  });

  it('forgets the oldest when too much comes before it arrives, and counts what it had no room for', async () => {
    const net = new TestNet();
    net.nic(0).transmit(broadcast(mac(MOVER), 0));
    await net.wire.time.pass(1);
    const target = net.nic(1, true);
    for (let n = 0; n < 5000; n++) net.send(1, n, false);
    target.activate({ next: new Map(), counters: newCounters() });
    expect(net.given).toHaveLength(4096);
    expect(net.given.at(-1)).toBe(4999);
    expect(target.counters.drops).toEqual({ arriving: 5000 - 4096 });

    const still = net.nic(2);
    still.hold();
    for (let n = 0; n < 5000; n++) net.send(2, n, false);
    expect(still.counters.drops).toEqual({ 'queue-full': 5000 - 4096 });
  });

  it('goes on counting where its port at the source was', async () => {
    const net = new TestNet();
    const source = net.nic(0);
    source.transmit(broadcast(mac(MOVER), 0));
    await net.wire.time.pass(1);
    for (let n = 1; n <= 3; n++) net.send(0, n, false);
    source.counters.drops.storm = 2;
    const target = net.nic(1, true);
    const point = decodeHandoverPoint(structuredClone(source.hold()));
    expect(point.counters).toMatchObject({ transmittedFrames: 1, receivedFrames: 3, drops: { storm: 2 } });
    source.handOver();
    target.activate(point);
    await net.wire.time.pass(5000);
    net.send(1, 4, false);
    expect(net.given).toEqual([1, 2, 3, 4]);
    expect(target.counters).toMatchObject({ receivedFrames: 4, drops: { storm: 2 } });
    expect(target.counters.transmittedFrames).toBeGreaterThan(1);
    expect(target.counters.receivedBytes).toBeGreaterThan(point.counters.receivedBytes);
  });

  it('judges a handover point that comes from another host', () => {
    const next = new Map([['a', 1]]);
    for (const counters of [
      undefined,
      {},
      { ...newCounters(), receivedBytes: -1 },
      { ...newCounters(), drops: { x: 1 } },
    ])
      expect(() => decodeHandoverPoint({ next, counters })).toThrow();
    for (const value of [undefined, {}, { next: [] }, { next: new Map([['a', -1]]) }, { next: new Map([['', 1]]) }]) {
      expect(() => decodeHandoverPoint(value)).toThrow();
    }
  });
});
