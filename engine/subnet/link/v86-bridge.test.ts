import { describe, expect, it } from 'vitest';
import { Subnet } from '../carrier/subnet.ts';
import { MemoryTerms } from '../presence/memory-terms.ts';
import { type PortGroup, STRICT } from '../switch/port-group.ts';
import { VirtualSwitch } from '../switch/virtual-switch.ts';
import { broadcast, mac, numbered, numberIn } from '../testing/frames.ts';
import { TestWire } from '../testing/test-wire.ts';
import { V86Bridge } from './v86-bridge.ts';

const GROUP: PortGroup = { name: 'VMs', vlan: { mode: 'access', vlan: 0 }, security: STRICT };

async function lab() {
  const wire = new TestWire();
  const network = new VirtualSwitch({ timebase: wire.time });
  const kept: Uint8Array[] = [];
  const got: number[] = [];
  const guest = network.connect({
    name: 'guest',
    group: GROUP,
    mac: mac(1),
    deliver(frame) {
      kept.push(frame);
      return got.push(numberIn(frame)) > 0;
    },
  });
  const bridge = new V86Bridge({
    subnetName: 'tabvisor',
    subnet: new Subnet({ nodeId: 'host', openPort: wire.portsOf('host') }),
    timebase: wire.timebaseOf('host'),
    networkId: 3,
    network,
    group: GROUP,
    terms: new MemoryTerms(),
    openPort: wire.portsOf('host'),
  });
  await wire.time.pass(1);
  const v86 = wire.portsOf('v86')('v86-inbrowser-3');
  const heard: Uint8Array[] = [];
  v86.onMessage((message) => heard.push(message as Uint8Array));
  return { wire, network, guest, got, kept, bridge, v86, heard };
}

describe('the bridge to v86', () => {
  it('carries frames both ways, one plain Uint8Array in each message', async () => {
    const { wire, network, guest, got, v86, heard } = await lab();
    v86.post(broadcast(mac(50), 1));
    await wire.time.pass(1);
    expect(got).toEqual([1]);
    // A view of a large buffer goes as the frame alone.
    const large = new Uint8Array(10_000);
    const frame = numbered(mac(1), mac(50), 2);
    large.set(frame, 100);
    network.transmit(guest, large.subarray(100, 100 + frame.length));
    await wire.time.pass(1);
    expect(heard).toEqual([frame]);
    expect(heard[0].buffer.byteLength).toBe(frame.length);
  });

  it('keeps nothing of the memory that a frame of v86 is a view of', async () => {
    const { wire, got, kept, v86 } = await lab();
    const memory = new Uint8Array(32 << 10);
    memory.set(numbered(mac(50), mac(1), 7), 0x4000);
    v86.post(memory.subarray(0x4000, 0x4000 + 60));
    await wire.time.pass(1);
    expect(got).toEqual([7]);
    expect(kept.map(({ buffer }) => buffer.byteLength)).toEqual([60]);
  });

  it('drops and counts what is no frame', async () => {
    const { wire, bridge, got, v86 } = await lab();
    for (const message of [undefined, 'frame', { frame: 1 }, [1, 2, 3], new Uint8Array(13), new ArrayBuffer(60)])
      v86.post(message);
    v86.post(new Uint8Array(5000));
    await wire.time.pass(1);
    expect([bridge.foreign, got]).toEqual([6, []]);
  });

  it('is over when it is closed', async () => {
    const { wire, network, guest, bridge, got, v86, heard } = await lab();
    expect(bridge.active).toBe(true);
    bridge.close();
    v86.post(broadcast(mac(50), 1));
    network.transmit(guest, broadcast(mac(1), 2));
    await wire.time.pass(1);
    expect([bridge.active, got, heard]).toEqual([false, [], []]);
  });
});
