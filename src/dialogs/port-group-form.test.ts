import { describe, expect, it } from 'vitest';
import type { PortGroup } from '../../engine/host/api.ts';
import { checkPortGroupForm, formOf, NEW_PORT_GROUP, type PortGroupForm, portGroupOf } from './port-group-form.ts';

const security = { promiscuous: true, macChanges: false, forgedTransmits: false };
const form = (change: Partial<PortGroupForm>): PortGroupForm => ({ ...NEW_PORT_GROUP, name: 'lab', ...change });

describe('port group form', () => {
  it('shows a port group and gives the same back', () => {
    const groups: PortGroup[] = [
      { name: 'plain', vlan: { mode: 'access', vlan: 0 }, security },
      { name: 'seven', vlan: { mode: 'access', vlan: 7 }, security },
      { name: 'all', vlan: { mode: 'trunk' }, security },
      { name: 'some', vlan: { mode: 'trunk', allowed: [0, 10, 11, 12, 4094] }, security },
    ];
    expect(groups.map((group) => portGroupOf(formOf(group)))).toEqual(groups);
    expect(formOf(groups[3]).allowed).toBe('0, 10–12, 4094');
    for (const group of groups) expect(checkPortGroupForm(formOf(group), [])).toEqual({});
  });

  it('refuses names that are taken and VLANs that cannot be', () => {
    expect(checkPortGroupForm(form({ name: ' ' }), []).name).toContain('A name is needed');
    expect(checkPortGroupForm(form({}), ['lab']).name).toContain('already');
    for (const vlan of ['0', '4095', '1.5', '', 'x'])
      expect(checkPortGroupForm(form({ mode: 'access', vlan }), []).vlan).toBeDefined();
    for (const allowed of ['1,,2', '5-3', '1-2-3', '4095', '-1', ','])
      expect(checkPortGroupForm(form({ mode: 'trunk', allowed }), []).allowed).toBeDefined();
    expect(checkPortGroupForm(form({ mode: 'none', vlan: 'x', allowed: 'x' }), [])).toEqual({});
  });
});
