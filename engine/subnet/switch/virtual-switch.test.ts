import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import { BROADCAST_MAC } from '../packet/address.ts';
import { encodeEthernet, type Frame, vlanOf } from '../packet/ethernet.ts';
import { broadcast, mac, numbered, numberIn } from '../testing/frames.ts';
import { type PortGroup, type SecurityPolicy, STRICT } from './port-group.ts';
import type { Origin, SwitchPort } from './switch-port.ts';
import { VirtualSwitch } from './virtual-switch.ts';

const group = (
  security: Partial<SecurityPolicy> = {},
  vlan: PortGroup['vlan'] = { mode: 'access', vlan: 0 },
): PortGroup => ({
  name: 'group',
  vlan,
  security: { ...STRICT, ...security },
});
const TRUNK = group({}, { mode: 'trunk' });

let time: VirtualTime;
let network: VirtualSwitch;

interface TestPort {
  port: SwitchPort;
  got: Frame[];
  send(frame: Frame, origin?: Origin): void;
}

function connect(n: number | undefined, in_: PortGroup = group(), on = network): TestPort {
  const got: Frame[] = [];
  const port = on.connect({
    name: `port ${n}`,
    group: in_,
    mac: n === undefined ? undefined : mac(n),
    deliver: (frame) => {
      got.push(frame);
      return true;
    },
  });
  return { port, got, send: (frame, origin) => on.transmit(port, frame, origin) };
}

beforeEach(() => {
  time = new VirtualTime();
  network = new VirtualSwitch({ timebase: time });
});

describe('the virtual switch', () => {
  it('carries a unicast frame to the NIC that it is for, and to no other', () => {
    const [a, b, c, uplink] = [connect(1), connect(2), connect(3), connect(undefined, TRUNK)];
    a.send(numbered(mac(1), mac(2), 7));
    expect(b.got.map(numberIn)).toEqual([7]);
    expect([a.got, c.got, uplink.got]).toEqual([[], [], []]);
    expect(b.port.counters).toMatchObject({ receivedFrames: 1, receivedBytes: 60 });
    expect(a.port.counters).toMatchObject({ transmittedFrames: 1, transmittedBytes: 60 });
  });

  it('floods broadcast and multicast to all, unknown unicast to where unknown addresses may be', () => {
    const ports = [connect(1), connect(2), connect(undefined, TRUNK), connect(4, group({ forgedTransmits: true }))];
    const [sender, strict, uplink, learning] = ports;
    sender.send(broadcast(mac(1), 1));
    sender.send(numbered(mac(1), '33:33:00:00:00:01', 2));
    sender.send(numbered(mac(1), mac(99), 3));
    expect(strict.got.map(numberIn)).toEqual([1, 2]);
    expect(uplink.got.map(numberIn)).toEqual([1, 2, 3]);
    expect(learning.got.map(numberIn)).toEqual([1, 2, 3]);
    expect(sender.got).toEqual([]);
  });

  it('learns who is behind the uplink, follows those that move, and forgets the silent', async () => {
    const [a, uplink, bridge] = [connect(1), connect(undefined, TRUNK), connect(undefined, TRUNK)];
    uplink.send(numbered(mac(50), mac(1), 0));
    a.send(numbered(mac(1), mac(50), 1));
    expect([uplink.got, bridge.got].map((got) => got.map(numberIn))).toEqual([[1], []]);
    bridge.send(broadcast(mac(50), 2));
    a.send(numbered(mac(1), mac(50), 3));
    expect([uplink.got, bridge.got].map((got) => got.map(numberIn))).toEqual([[1, 2], [3]]);
    await time.pass(300_001);
    a.send(numbered(mac(1), mac(50), 4));
    expect([uplink.got, bridge.got].map((got) => got.map(numberIn))).toEqual([
      [1, 2, 4],
      [3, 4],
    ]);
  });

  it('does not rely on what it has learned when another way elsewhere appears', () => {
    const [a, b, uplink] = [connect(1), connect(2), connect(undefined, TRUNK)];
    uplink.send(broadcast(mac(50), 0));
    const bridge = connect(undefined, TRUNK);
    a.send(numbered(mac(1), mac(50), 1));
    expect([uplink.got, bridge.got].map((got) => got.map(numberIn))).toEqual([[1], [1]]);
    expect(b.got.map(numberIn)).toEqual([0]);
  });

  it('lets nobody take the address of a NIC that is here', () => {
    const [a, b, uplink, bridge] = [connect(1), connect(2), connect(undefined, TRUNK), connect(undefined, TRUNK)];
    uplink.send(broadcast(mac(2), 0));
    a.send(numbered(mac(1), mac(2), 1));
    expect(b.got.map(numberIn)).toEqual([0, 1]);
    expect(uplink.got).toEqual([]);
    // Once it has gone, it is where it announced itself.
    network.disconnect(b.port);
    a.send(numbered(mac(1), mac(2), 2));
    expect([uplink.got, bridge.got].map((got) => got.map(numberIn))).toEqual([[2], [0]]);
  });

  it('refuses forged transmits and address changes unless they are allowed', () => {
    const [a, b] = [connect(1), connect(2)];
    a.send(broadcast(mac(77), 1));
    expect(b.got).toEqual([]);
    expect(a.port.counters.drops).toEqual({ 'forged-transmit': 1 });

    a.port.changeMac(mac(77));
    b.send(numbered(mac(2), mac(1), 2));
    b.send(numbered(mac(2), mac(77), 3));
    a.send(broadcast(mac(77), 4));
    expect([a.got, b.got]).toEqual([[], []]);
    expect(a.port.counters.drops).toEqual({ 'forged-transmit': 2, 'mac-change': 1 });
    a.port.changeMac(mac(1));
    b.send(numbered(mac(2), mac(1), 5));
    expect(a.got.map(numberIn)).toEqual([5]);

    const c = connect(3, group({ macChanges: true }));
    c.port.changeMac(mac(78));
    b.send(numbered(mac(2), mac(78), 6));
    c.send(numbered(mac(78), mac(2), 7));
    expect([c.got, b.got].map((got) => got.map(numberIn))).toEqual([[6], [7]]);
  });

  it('shows frames for others to promiscuous ports only', () => {
    const [a, b, spy] = [connect(1), connect(2), connect(3, group({ promiscuous: true }))];
    a.send(numbered(mac(1), mac(2), 1));
    expect([b.got, spy.got].map((got) => got.map(numberIn))).toEqual([[1], [1]]);
    spy.send(numbered(mac(3), mac(1), 2));
    expect(spy.got).toHaveLength(1);
  });

  it('keeps VLANs apart, and tags on trunks', () => {
    const vlan = (n: number) => group({}, { mode: 'access' as const, vlan: n });
    const [a10, b10, a20] = [connect(1, vlan(10)), connect(2, vlan(10)), connect(3, vlan(20))];
    const [trunk, some] = [connect(undefined, TRUNK), connect(undefined, group({}, { mode: 'trunk', allowed: [20] }))];
    a10.send(broadcast(mac(1), 1));
    expect([b10, a20, trunk, some].map(({ got }) => got.length)).toEqual([1, 0, 1, 0]);
    expect([vlanOf(b10.got[0]), vlanOf(trunk.got[0])]).toEqual([undefined, 10]);
    trunk.send(numbered(mac(50), BROADCAST_MAC, 2, 20));
    expect([b10, a20, some].map(({ got }) => got.length)).toEqual([1, 1, 1]);
    expect(a20.got.map(numberIn)).toEqual([2]);
    // To the address of a NIC on another VLAN.
    a10.send(numbered(mac(1), mac(3), 3));
    expect(a20.got).toHaveLength(1);
    a10.send(numbered(mac(1), mac(2), 4, 20));
    some.send(numbered(mac(60), mac(1), 5, 10));
    some.send(numbered(mac(60), mac(3), 6));
    expect([a10.port.counters.drops, some.port.counters.drops]).toEqual([{ vlan: 1 }, { vlan: 2 }]);
    // Priority only.
    a10.send(numbered(mac(1), mac(2), 7, 0));
    expect(numberIn(b10.got[1])).toBe(7);
  });

  it('delivers any unicast exactly to its NIC, if that is on the same VLAN', () => {
    const one = fc.record({ vlan: fc.constantFrom(0, 5, 6), to: fc.nat(7) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 8, maxLength: 8 }), (plan) => {
        const net = new VirtualSwitch({ timebase: time });
        const ports = plan.map(({ vlan }, n) => connect(n, group({}, { mode: 'access', vlan }), net));
        for (const [n, { to }] of plan.entries()) {
          ports[n].send(numbered(mac(n), mac(to), n));
        }
        for (const [n, { got }] of ports.entries()) {
          const expected = plan.flatMap(({ to, vlan }, from) =>
            to === n && from !== n && vlan === plan[n].vlan ? [from] : [],
          );
          expect(got.map(numberIn)).toEqual(expected);
        }
      }),
    );
  });

  it('drops and counts what is no frame', () => {
    const [a, b] = [connect(1), connect(2)];
    const sized = (bytes: number) =>
      encodeEthernet({ source: mac(1), destination: mac(2), etherType: 0x88b5, payload: new Uint8Array(bytes) });
    a.send(new Uint8Array(0));
    a.send(sized(46).slice(0, 13));
    a.send(sized(1501));
    a.send(numbered('ff:ff:ff:ff:ff:ff', mac(2), 0));
    expect(a.port.counters.drops).toEqual({ runt: 2, oversize: 1, 'group-source': 1 });
    a.send(sized(1500));
    expect(b.got).toHaveLength(1);
  });

  it('survives any bytes from any port', () => {
    const ports = [
      connect(1),
      connect(2, group({ forgedTransmits: true, promiscuous: true })),
      connect(undefined, TRUNK),
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(2), (bytes, n) => ports[n].send(bytes as Frame)),
      { numRuns: 500 },
    );
  });

  it('stops a guest that floods, and lets it again later; others are not held', async () => {
    const [a, b, c] = [connect(1), connect(2), connect(3)];
    for (let i = 0; i < 5000; i++) a.send(broadcast(mac(1), i));
    expect(b.got).toHaveLength(2000);
    expect(a.port.counters.drops).toEqual({ storm: 3000 });
    c.send(broadcast(mac(3), 1));
    a.send(numbered(mac(1), mac(2), 1));
    expect(b.got).toHaveLength(2002);
    await time.pass(100);
    for (let i = 0; i < 5000; i++) a.send(broadcast(mac(1), i));
    expect(b.got).toHaveLength(3002);
  });

  it('counts what the receiver had no room for', () => {
    const a = connect(1);
    const full = network.connect({ name: 'full', group: group(), mac: mac(2), deliver: () => false });
    a.send(numbered(mac(1), mac(2), 1));
    expect(full.counters).toMatchObject({ receivedFrames: 0, drops: { 'queue-full': 1 } });
  });

  it('bounds what one port can make it learn', () => {
    const small = new VirtualSwitch({ timebase: time, limit: 3 });
    const a = connect(1, group(), small);
    const forger = connect(2, group({ forgedTransmits: true }), small);
    const [uplink, other] = [connect(undefined, TRUNK, small), connect(undefined, TRUNK, small)];
    uplink.send(broadcast(mac(50), 0));
    for (let n = 100; n < 200; n++) forger.send(numbered(mac(n), mac(2), n));
    const before = [forger, other].map(({ got }) => got.length);
    a.send(numbered(mac(1), mac(50), 1));
    a.send(numbered(mac(1), mac(101), 2));
    expect(uplink.got.map(numberIn)).toEqual([1]);
    expect([forger, other].map(({ got }, i) => got.length - before[i])).toEqual([1, 0]);
    a.send(numbered(mac(1), mac(150), 3));
    expect(uplink.got.map(numberIn)).toEqual([1, 3]);
  });

  it('gives and takes nothing after the port is disconnected', () => {
    const [a, b] = [connect(1), connect(2)];
    network.disconnect(b.port);
    a.send(broadcast(mac(1), 1));
    b.send(broadcast(mac(2), 2));
    expect([a.got, b.got]).toEqual([[], []]);
    expect(b.port.counters.drops).toEqual({ 'not-forwarding': 1 });
  });

  it('copies to a listening port what is for it, before it leaves, and sends as if it were not there', () => {
    const order: string[] = [];
    const a = connect(1);
    const uplink = network.connect({
      name: 'uplink',
      group: TRUNK,
      deliver: () => order.push('uplink') > 0,
    });
    const coming = network.connect({
      name: 'coming',
      group: group(),
      mac: mac(2),
      listening: true,
      deliver: () => order.push('listening') > 0,
    });
    network.transmit(uplink, broadcast(mac(2), 0));
    a.send(numbered(mac(1), mac(2), 1));
    a.send(numbered(mac(1), mac(3), 2));
    expect(order).toEqual(['listening', 'listening', 'uplink', 'uplink']);
    network.transmit(coming, broadcast(mac(2), 3));
    expect(coming.counters.drops).toEqual({ 'not-forwarding': 1 });
    coming.state = 'forwarding';
    a.send(numbered(mac(1), mac(2), 4));
    expect(order).toHaveLength(5);
  });

  it('refuses VLANs that there are not', () => {
    for (const vlan of [-1, 4095, 1.5]) {
      expect(() => connect(1, group({}, { mode: 'access', vlan }))).toThrow(RangeError);
      expect(() => connect(1, group({}, { mode: 'trunk', allowed: [1, vlan] }))).toThrow(RangeError);
    }
  });
});
