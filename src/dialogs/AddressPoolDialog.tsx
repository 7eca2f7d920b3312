// Which addresses DHCP gives to the guests of the subnet.
import { FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { DEFAULT_PLAN, poolOf } from '../../engine/subnet/responders/subnet-plan.ts';
import { setAddressPool } from '../operations/network-operations.ts';
import { openDialog } from '../operations/view-operations.ts';
import { responderOf } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';
import { type AddressPoolForm, NETWORKS, poolOfForm, poolProblem } from './address-pool-form.ts';
import { Field } from './Field.tsx';
import { FormDialog } from './FormDialog.tsx';

export function AddressPoolDialog() {
  const [form, setForm] = useState<AddressPoolForm>(() => {
    const pool = responderOf(useConsole.getState().networks)?.responder.pool ?? poolOf(DEFAULT_PLAN);
    return { prefixLength: pool.prefixLength, first: pool.first, last: pool.last };
  });
  const problem = poolProblem(form);
  const change = (part: Partial<AddressPoolForm>) => setForm((now) => ({ ...now, ...part }));

  function submit() {
    openDialog(undefined);
    void setAddressPool(poolOfForm(form));
  }

  return (
    <FormDialog
      title="Address pool"
      description="The addresses that DHCP gives, whichever host answers. Addresses outside of it are free for static use."
      submitLabel="Apply"
      firstField="pool-network"
      isSubmitDisabled={problem !== undefined}
      onSubmit={submit}
    >
      <Field
        id="pool-network"
        label="Network"
        help="Guests learn the size of the network with their address: those that run now, when they renew it."
      >
        <FormSelect
          id="pool-network"
          value={form.prefixLength}
          onChange={(_, prefixLength) => change({ prefixLength: Number(prefixLength) })}
        >
          {NETWORKS.map(({ prefixLength, label }) => (
            <FormSelectOption key={prefixLength} value={prefixLength} label={label} />
          ))}
        </FormSelect>
      </Field>
      <div className="tv-pair">
        <Field id="pool-first" label="First address" isRequired>
          <TextInput id="pool-first" value={form.first} onChange={(_, first) => change({ first })} />
        </Field>
        <Field id="pool-last" label="Last address" isRequired error={problem}>
          <TextInput
            id="pool-last"
            value={form.last}
            validated={problem ? 'error' : 'default'}
            onChange={(_, last) => change({ last })}
          />
        </Field>
      </div>
    </FormDialog>
  );
}
