import { describe, expect, it } from 'vitest';
import { checkNics, type NicForm, nicSpecs } from './nic-form.ts';

const nic = (change: Partial<NicForm> = {}): NicForm => ({
  model: 'virtio-net',
  portGroup: 'VM Network',
  mac: '52:54:00:00:00:01',
  ...change,
});

describe('network cards of a new VM', () => {
  it('become its specification, those that are none left out', () => {
    const cards = [nic({ mac: ' 52:54:00:00:00:0A ' }), nic({ model: 'none', mac: '?' }), nic({ model: 'ne2k-pci' })];
    expect(checkNics(cards, new Set())).toEqual([undefined, undefined, undefined]);
    expect(nicSpecs(cards)).toEqual([
      { model: 'virtio-net', portGroup: 'VM Network', mac: '52:54:00:00:00:0a' },
      { model: 'ne2k-pci', portGroup: 'VM Network', mac: '52:54:00:00:00:01' },
    ]);
  });

  it('may not have the address of another card, nor of each other', () => {
    const [first, second, third] = checkNics(
      [nic(), nic({ mac: '52:54:00:00:00:02' }), nic({ mac: '52:54:00:00:00:02' })],
      new Set(['52:54:00:00:00:01']),
    );
    expect(first).toContain('Another');
    expect(second).toBeUndefined();
    expect(third).toContain('Another');
  });
});
