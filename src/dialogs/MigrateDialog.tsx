// Migrate by menu and keyboard: every other host says whether the VM fits.
import { Checkbox, Radio, TextInput } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { formatMiB } from '../format/format.ts';
import { type Answers, askHosts } from '../operations/admissions.ts';
import { openDialog } from '../operations/view-operations.ts';
import { migrateVm } from '../operations/vm-operations.ts';
import type { HostView } from '../state/fleet.ts';
import { useHostName, useVm } from '../state/hooks.ts';
import { isDowntimeLimit, MOST_DOWNTIME_MS } from '../state/preferences.ts';
import { prefer, useConsole } from '../state/store.ts';
import { Field } from './Field.tsx';
import { FormDialog } from './FormDialog.tsx';

export function MigrateDialog({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  const hosts = useConsole((state) => state.fleet.hosts);
  const source = useHostName(vm?.hostId ?? '');
  const hostOrder = useConsole((state) => state.fleet.hostOrder);
  const [answers, setAnswers] = useState<Answers>({});
  const [target, setTarget] = useState<string>();
  const [limit, setLimit] = useState(() => String(useConsole.getState().preferences.downtimeLimitMs));
  const [isForAll, setForAll] = useState(false);
  const limitMs = limit.trim() === '' ? Number.NaN : Number(limit);
  const limitError = isDowntimeLimit(limitMs) ? undefined : `A number of ms from 1 to ${MOST_DOWNTIME_MS}.`;
  useEffect(() => {
    askHosts(vmId, (known) => {
      setAnswers(known);
      setTarget((chosen) => chosen ?? Object.keys(known).find((id) => known[id] === undefined));
    });
  }, [vmId]);
  if (!vm) return null;

  function submit() {
    openDialog(undefined);
    if (isForAll) prefer({ downtimeLimitMs: limitMs });
    if (target) void migrateVm(vmId, target, limitMs);
  }

  return (
    <FormDialog
      title={`Migrate ${vm.name}`}
      description={
        vm.power === 'off'
          ? `It is off: its settings go over from ${source}.`
          : `It keeps running while its memory goes over from ${source}.`
      }
      submitLabel="Migrate"
      onSubmit={submit}
      isSubmitDisabled={!target || hosts[target]?.silentSince !== undefined || limitError !== undefined}
    >
      <fieldset className="tv-targets">
        <legend>Target host</legend>
        {hostOrder
          .filter((id) => id !== vm.hostId)
          .map((id) => (
            <Radio
              key={id}
              id={`target-${id}`}
              name="target"
              label={hosts[id].info.name}
              description={verdictOn(hosts[id], answers)}
              isChecked={target === id}
              isDisabled={!(id in answers) || answers[id] !== undefined || hosts[id].silentSince !== undefined}
              onChange={() => setTarget(id)}
            />
          ))}
      </fieldset>
      <Field
        id="migrate-limit"
        label="Standstill limit (ms)"
        error={limitError}
        help="If the switch-over would take longer you are asked; without an answer the VM stays."
      >
        <TextInput
          id="migrate-limit"
          type="number"
          value={limit}
          validated={limitError ? 'error' : 'default'}
          onChange={(_, text) => setLimit(text)}
        />
      </Field>
      <Checkbox
        id="migrate-limit-for-all"
        label="Use this limit for all moves, by drag and drop too"
        isChecked={isForAll}
        onChange={(_, checked) => setForAll(checked)}
      />
    </FormDialog>
  );
}

function verdictOn({ info, memoryFreeMiB, silentSince }: HostView, answers: Answers): string {
  if (silentSince !== undefined) return 'Not responding';
  if (!(info.id in answers)) return 'Asking the host…';
  const refusal = answers[info.id];
  return refusal === undefined ? `It fits: ${formatMiB(memoryFreeMiB)} free` : `Does not fit: ${refusal}`;
}
