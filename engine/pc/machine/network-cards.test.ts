import { beforeEach, describe, expect, test, vi } from 'vitest';
import { StateError } from '../bus/device.ts';
import { DeviceSpecError } from '../bus/device-model.ts';
import type { Machine } from './machine.ts';
import { build, initializePics, type Seen } from './testing/test-machine.ts';

let seen: Seen;
let machine: Machine;
beforeEach(() => {
  seen = build();
  machine = seen.machine;
});

const out = (port: number, value: number, size = 1) => machine.portWrite(port, size, value);

describe('network cards', () => {
  const mac = '52:54:00:00:00:01';
  const cable = { transmit: () => true, receiveReady: () => {} };
  const network = (...models: string[]) => ({
    devices: models.map((model, index) => ({ model, properties: { index, mac } })),
    cables: models.map(() => cable),
  });
  const config = (slot: number, register: number): number => {
    out(0xcf8, (0x80000000 + slot * 0x800 + register) >>> 0, 4);
    return machine.portRead(0xcfc, 4);
  };

  test('stand in the slots from 3 on, as the guest finds them', () => {
    machine = build(network('virtio-net', 'ne2k-pci')).machine;
    expect([3, 4, 5].map((slot) => config(slot, 0))).toEqual([0x10001af4, 0x802910ec, 0xffffffff]);
  });

  test('touch guest memory in transfers alone, which the machine asks for; a reset forgets them', () => {
    const requests: string[] = [];
    const accesses: string[] = [];
    const access = (kind: string) => () => {
      accesses.push(kind);
      return false;
    };
    machine = build({
      ...network('virtio-net'),
      memory: { read: access('read'), write: access('write'), require: access('require') },
      transferRequested: () => requests.push('request'),
    }).machine;
    const BAR = 0xc000;
    const [ADDRESS, SELECT, NOTIFY, STATUS] = [8, 14, 16, 18];
    const start = () => {
      config(3, 0x10);
      out(0xcfc, BAR, 4);
      config(3, 0x04);
      out(0xcfc, 5, 2);
      out(BAR + SELECT, 1, 2); // the transmit queue
      out(BAR + ADDRESS, 1, 4);
      out(BAR + STATUS, 7);
      out(BAR + NOTIFY, 1, 2);
    };
    start();
    expect([requests.length, accesses]).toEqual([3, []]);
    const transfer = vi.fn();
    machine.transfers.request(transfer);
    machine.reset();
    machine.transfers.runPending();
    expect(accesses).toEqual([]);
    expect(transfer).not.toHaveBeenCalled();
    start();
    expect(accesses).toEqual([]);
    machine.transfers.runPending();
    expect(accesses).toEqual(['require']);
  });

  test('interrupt through the PIIX router', () => {
    seen = build(network('ne2k-pci'));
    machine = seen.machine;
    initializePics(machine);
    config(3, 0x10);
    out(0xcfc, 0xc000, 4);
    config(3, 0x04);
    out(0xcfc, 5, 2);
    out(0x4d1, 0x0c); // IRQ 10 and 11 level-triggered
    for (const [register, value] of [
      [0x00, 0x22],
      [0x0f, 0x40],
      [0x0a, 0],
      [0x00, 0x0a], // a transfer of nothing is done at once
    ]) {
      out(0xc000 + register, value);
    }
    expect(seen.intr).toBe(true);
    expect(machine.acknowledge()).toBe(0x3b);
  });

  test('are part of the saved form, each its own', () => {
    const source = build(network('virtio-net', 'ne2k-pci')).machine;
    const state = structuredClone(source.save());
    build(network('virtio-net', 'ne2k-pci')).machine.restore(state);
    expect(() => build(network('ne2k-pci', 'virtio-net')).machine.restore(state)).toThrow(StateError);
    expect(() => build().machine.restore(state)).toThrow(/virtio-net-0/);
  });

  test('are not more than the machine has room for', () => {
    expect(() => build(network(...Array<string>(9).fill('virtio-net')))).toThrow(DeviceSpecError);
  });
});
