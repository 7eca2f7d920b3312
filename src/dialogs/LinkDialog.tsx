// The modelled link between hosts: guest traffic and migrations share it.
import { FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { formatBandwidth } from '../format/format.ts';
import { setLink } from '../operations/host-operations.ts';
import { openDialog } from '../operations/view-operations.ts';
import { useConsole } from '../state/store.ts';
import { Field } from './Field.tsx';
import { FormDialog } from './FormDialog.tsx';
import { checkLink, formOf, type LinkForm, settingsOf } from './link-form.ts';

const BANDWIDTHS_MBITS = [10, 100, 1000, 2500, 10_000, 0];

export function LinkDialog() {
  const link = useConsole((state) => state.preferences.link);
  const [form, setForm] = useState(() => formOf(link));
  const errors = checkLink(form);
  const change = (part: Partial<LinkForm>) => setForm((now) => ({ ...now, ...part }));

  function submit() {
    openDialog(undefined);
    void setLink(settingsOf(form));
  }

  return (
    <FormDialog
      title="Link settings"
      description="The uplink of every host. Guests and migrations share it; the browser's own channel is the limit when nothing paces it."
      submitLabel="Apply"
      firstField="link-bandwidth"
      onSubmit={submit}
      isSubmitDisabled={Object.keys(errors).length > 0}
    >
      <div className="tv-pair">
        <Field id="link-bandwidth" label="Bandwidth">
          <FormSelect
            id="link-bandwidth"
            value={form.bandwidthMbits}
            onChange={(_, value) => change({ bandwidthMbits: Number(value) })}
          >
            {[...new Set([...BANDWIDTHS_MBITS, link.bandwidthMbits])].map((mbits) => (
              <FormSelectOption key={mbits} value={mbits} label={formatBandwidth(mbits)} />
            ))}
          </FormSelect>
        </Field>
        <NumberField
          id="link-latency"
          label="One-way latency (ms)"
          value={form.latency}
          error={errors.latency}
          onChange={(latency) => change({ latency })}
        />
        <NumberField
          id="link-loss"
          label="Loss (%)"
          value={form.loss}
          error={errors.loss}
          help="Of guests’ frames; migrations lose nothing."
          onChange={(loss) => change({ loss })}
        />
        <NumberField
          id="link-jitter"
          label="Jitter (ms)"
          value={form.jitter}
          error={errors.jitter}
          help="Guests’ frames come up to so much later, in order."
          onChange={(jitter) => change({ jitter })}
        />
      </div>
    </FormDialog>
  );
}

interface NumberFieldProps {
  id: string;
  label: string;
  value: string;
  error?: string;
  help?: string;
  onChange(value: string): void;
}

function NumberField({ id, label, value, error, help, onChange }: NumberFieldProps) {
  return (
    <Field id={id} label={label} error={error} help={help}>
      <TextInput
        id={id}
        type="number"
        step="any"
        value={value}
        validated={error ? 'error' : 'default'}
        onChange={(_, text) => onChange(text)}
      />
    </Field>
  );
}
