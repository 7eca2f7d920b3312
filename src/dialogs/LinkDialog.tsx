// The modelled link between hosts: guest traffic and migrations share it.
import { FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { formatBandwidth } from '../format.ts';
import { setLink } from '../operations/host-operations.ts';
import { openDialog } from '../operations/view-operations.ts';
import { useConsole } from '../state/store.ts';
import { Field } from './Field.tsx';
import { FormDialog } from './FormDialog.tsx';

const BANDWIDTHS_MBITS = [10, 100, 1000, 2500, 10_000, 0];
const LATENCY_MOST_MS = 1000;

export function LinkDialog() {
  const link = useConsole((state) => state.preferences.link);
  const [bandwidth, setBandwidth] = useState(link.bandwidthMbits);
  const [latency, setLatency] = useState(String(link.latencyMs));
  const ms = Number(latency);
  const error =
    latency.trim() === '' || !(ms >= 0 && ms <= LATENCY_MOST_MS)
      ? `A number of ms from 0 to ${LATENCY_MOST_MS}.`
      : undefined;

  function submit() {
    openDialog(undefined);
    void setLink({ bandwidthMbits: bandwidth, latencyMs: ms });
  }

  return (
    <FormDialog
      title="Link settings"
      description="The uplink of every host. It paces migrations; the browser's own channel is the limit when nothing paces it."
      submitLabel="Apply"
      firstField="link-bandwidth"
      onSubmit={submit}
      isSubmitDisabled={error !== undefined}
    >
      <Field id="link-bandwidth" label="Bandwidth">
        <FormSelect id="link-bandwidth" value={bandwidth} onChange={(_, value) => setBandwidth(Number(value))}>
          {[...new Set([...BANDWIDTHS_MBITS, link.bandwidthMbits])].map((mbits) => (
            <FormSelectOption key={mbits} value={mbits} label={formatBandwidth(mbits)} />
          ))}
        </FormSelect>
      </Field>
      <Field id="link-latency" label="One-way latency (ms)" error={error}>
        <TextInput
          id="link-latency"
          type="number"
          step="any"
          value={latency}
          validated={error ? 'error' : 'default'}
          onChange={(_, value) => setLatency(value)}
        />
      </Field>
    </FormDialog>
  );
}
