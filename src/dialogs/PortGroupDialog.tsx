// A port group: its VLAN, and what its guests may do (vSphere's security policy). A new one, or one that there is.
import { Checkbox, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { setPortGroup } from '../operations/network-operations.ts';
import { openDialog } from '../operations/view-operations.ts';
import { portGroupsOf } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';
import { Field } from './Field.tsx';
import { FormDialog } from './FormDialog.tsx';
import { checkPortGroupForm, formOf, NEW_PORT_GROUP, type PortGroupForm, portGroupOf } from './port-group-form.ts';

const MODES: [PortGroupForm['mode'], string][] = [
  ['none', 'None'],
  ['access', 'One VLAN, untagged to the guest'],
  ['trunk', 'Trunk: the guest sees the tags'],
];

const POLICIES: [keyof PortGroupForm['security'], string, string][] = [
  ['promiscuous', 'Promiscuous mode', 'The guest may see frames for others.'],
  ['macChanges', 'MAC address changes', 'The guest may change its own address.'],
  ['forgedTransmits', 'Forged transmits', 'The guest may send from addresses that are not its own.'],
];

export function PortGroupDialog({ name }: { name?: string }) {
  const [groups] = useState(() => portGroupsOf(useConsole.getState().networks));
  const known = groups.find((group) => group.name === name);
  const [form, setForm] = useState(() => (known ? formOf(known) : NEW_PORT_GROUP));
  const [submitted, setSubmitted] = useState(false);
  const taken = known ? [] : groups.map((group) => group.name);
  const problems = checkPortGroupForm(form, taken);
  // An empty form is not yet a wrong one.
  const errors = submitted || form.name !== '' ? problems : {};
  const change = (part: Partial<PortGroupForm>) => setForm((now) => ({ ...now, ...part }));

  function submit() {
    setSubmitted(true);
    if (Object.keys(problems).length > 0) return;
    openDialog(undefined);
    void setPortGroup(portGroupOf(form));
  }

  return (
    <FormDialog
      title={known ? `Port group ${known.name}` : 'New port group'}
      description="Applied to every host of the subnet, and kept for hosts that start later."
      submitLabel={known ? 'Apply' : 'Create'}
      firstField={known ? 'group-vlan-mode' : 'group-name'}
      onSubmit={submit}
    >
      {!known && (
        <Field id="group-name" label="Name" isRequired error={errors.name}>
          <TextInput
            id="group-name"
            value={form.name}
            validated={errors.name ? 'error' : 'default'}
            onChange={(_, text) => change({ name: text })}
          />
        </Field>
      )}
      <div className="tv-pair">
        <Field id="group-vlan-mode" label="VLAN">
          <FormSelect
            id="group-vlan-mode"
            value={form.mode}
            onChange={(_, mode) => change({ mode: mode as PortGroupForm['mode'] })}
          >
            {MODES.map(([mode, label]) => (
              <FormSelectOption key={mode} value={mode} label={label} />
            ))}
          </FormSelect>
        </Field>
        {form.mode === 'access' && (
          <Field id="group-vlan" label="VLAN number" isRequired error={errors.vlan}>
            <TextInput
              id="group-vlan"
              inputMode="numeric"
              value={form.vlan}
              validated={errors.vlan ? 'error' : 'default'}
              onChange={(_, vlan) => change({ vlan })}
            />
          </Field>
        )}
        {form.mode === 'trunk' && (
          <Field id="group-allowed" label="VLANs that may pass" error={errors.allowed} help="All if left empty.">
            <TextInput
              id="group-allowed"
              placeholder="0, 10-20, 30"
              value={form.allowed}
              validated={errors.allowed ? 'error' : 'default'}
              onChange={(_, allowed) => change({ allowed })}
            />
          </Field>
        )}
      </div>
      <fieldset className="tv-targets">
        <legend>Allow</legend>
        {POLICIES.map(([policy, label, description]) => (
          <Checkbox
            key={policy}
            id={`group-${policy}`}
            label={label}
            description={description}
            isChecked={form.security[policy]}
            onChange={(_, allowed) => change({ security: { ...form.security, [policy]: allowed } })}
          />
        ))}
      </fieldset>
    </FormDialog>
  );
}
