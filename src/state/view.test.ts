import { describe, expect, it } from 'vitest';
import { closeTab, initialView, openTab, tabKey } from './view.ts';

describe('tabs', () => {
  it('open once and come to the front', () => {
    const once = openTab(initialView, { kind: 'vm', id: 'v1' }, 'console');
    const twice = openTab(openTab(once, { kind: 'datacenter' }), { kind: 'vm', id: 'v1' });
    expect(twice.tabs.map(tabKey)).toEqual(['datacenter', 'vm:v1']);
    expect(twice.active).toBe('vm:v1');
    expect(twice.sections.v1).toBe('console');
  });

  it('leave the neighbour active when closed, and the Datacenter stays', () => {
    const two = openTab(openTab(initialView, { kind: 'vm', id: 'v1' }), { kind: 'host', id: 'h1' });
    const closed = closeTab(two, 'host:h1');
    expect(closed.active).toBe('vm:v1');
    expect(closeTab(closed, 'datacenter')).toBe(closed);
  });
});
