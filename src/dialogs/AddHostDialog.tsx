// Add host: a name and how much memory it brings.

import { Button, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { nameKey, nameProblem, tidyName } from '../../engine/base/object-name.ts';
import { formatMiB } from '../format/format.ts';
import { addLocalHost } from '../operations/host-operations.ts';
import { openDialog, openHostTab } from '../operations/view-operations.ts';
import { defaultHostName } from '../session/host-names.ts';
import { useConsole } from '../state/store.ts';
import { Field } from './Field.tsx';
import { FormDialog } from './FormDialog.tsx';

const SIZES_MIB = [128, 256, 512, 1024, 2048, 3072];

export function AddHostDialog() {
  const [name, setName] = useState(() => freeHostName(takenHostNames()));
  const [memoryMiB, setMemoryMiB] = useState(512);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const error = nameProblem(name) ?? (isTaken(name) ? 'That name is taken.' : undefined);

  async function submit() {
    setBusy(true);
    setFailure(undefined);
    try {
      await addLocalHost(tidyName(name), memoryMiB);
      openDialog(undefined);
    } catch (reason) {
      setFailure((reason as Error).message);
      setBusy(false);
    }
  }

  return (
    <FormDialog
      title="Add host"
      description={
        <>
          It lives in this browser tab. A host can also{' '}
          <Button variant="link" isInline onClick={openHostTab}>
            live in another tab
          </Button>
          .
        </>
      }
      submitLabel="Add"
      firstField="host-name"
      onSubmit={() => void submit()}
      isBusy={busy}
      isSubmitDisabled={error !== undefined}
      failure={failure}
    >
      <Field id="host-name" label="Name" isRequired error={error}>
        <TextInput
          id="host-name"
          value={name}
          validated={error ? 'error' : 'default'}
          onChange={(_, value) => setName(value)}
        />
      </Field>
      <Field
        id="host-memory"
        label="Memory"
        isRequired
        help="Fixed while the host runs; pages never touched cost nothing."
      >
        <FormSelect id="host-memory" value={memoryMiB} onChange={(_, value) => setMemoryMiB(Number(value))}>
          {SIZES_MIB.map((size) => (
            <FormSelectOption key={size} value={size} label={formatMiB(size)} />
          ))}
        </FormSelect>
      </Field>
    </FormDialog>
  );
}

function takenHostNames(): string[] {
  return Object.values(useConsole.getState().fleet.hosts).map((host) => host.info.name);
}

function isTaken(name: string): boolean {
  return takenHostNames().some((taken) => nameKey(taken) === nameKey(name));
}

function freeHostName(taken: string[]): string {
  let index = 0;
  while (taken.includes(defaultHostName(index))) index++;
  return defaultHostName(index);
}
