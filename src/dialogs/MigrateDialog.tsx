// Migrate by menu and keyboard: every other host says whether the VM fits.
import { Radio } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { formatMiB } from '../format.ts';
import { type Answers, askHosts } from '../operations/admissions.ts';
import { openDialog } from '../operations/view-operations.ts';
import { migrateVm } from '../operations/vm-operations.ts';
import type { HostView } from '../state/fleet.ts';
import { useHostName, useVm } from '../state/hooks.ts';
import { useConsole } from '../state/store.ts';
import { FormDialog } from './FormDialog.tsx';

export function MigrateDialog({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  const hosts = useConsole((state) => state.fleet.hosts);
  const source = useHostName(vm?.hostId ?? '');
  const hostOrder = useConsole((state) => state.fleet.hostOrder);
  const [answers, setAnswers] = useState<Answers>({});
  const [target, setTarget] = useState<string>();
  useEffect(() => {
    askHosts(vmId, (known) => {
      setAnswers(known);
      setTarget((chosen) => chosen ?? Object.keys(known).find((id) => known[id] === undefined));
    });
  }, [vmId]);
  if (!vm) return null;

  function submit() {
    openDialog(undefined);
    if (target) void migrateVm(vmId, target);
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
      isSubmitDisabled={!target || hosts[target]?.silentSince !== undefined}
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
    </FormDialog>
  );
}

function verdictOn({ info, memoryFreeMiB, silentSince }: HostView, answers: Answers): string {
  if (silentSince !== undefined) return 'Not responding';
  if (!(info.id in answers)) return 'Asking the host…';
  const refusal = answers[info.id];
  return refusal === undefined ? `It fits: ${formatMiB(memoryFreeMiB)} free` : `Does not fit: ${refusal}`;
}
