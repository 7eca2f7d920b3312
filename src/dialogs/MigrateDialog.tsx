// Migrate by menu and keyboard: every other host says whether the VM fits.
import { Radio } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { formatMiB } from '../format.ts';
import { openDialog } from '../operations/view-operations.ts';
import { admissions, migrateVm } from '../operations/vm-operations.ts';
import { useHostName, useVm } from '../state/hooks.ts';
import { useConsole } from '../state/store.ts';
import { FormDialog } from './FormDialog.tsx';

export function MigrateDialog({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  const hosts = useConsole((state) => state.fleet.hosts);
  const source = useHostName(vm?.hostId ?? '');
  const [answers, setAnswers] = useState<Record<string, string | undefined>>();
  const [target, setTarget] = useState<string>();
  useEffect(() => {
    void admissions(vmId).then((known) => {
      setAnswers(known);
      setTarget(Object.keys(known).find((id) => known[id] === undefined));
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
      description={`It keeps running while its memory goes over from ${source}.`}
      submitLabel="Migrate"
      onSubmit={submit}
      isSubmitDisabled={!target}
    >
      <fieldset className="tv-targets">
        <legend>Target host</legend>
        {!answers && <p className="tv-quiet">Asking the hosts…</p>}
        {Object.entries(answers ?? {})
          .filter(([id]) => hosts[id])
          .map(([id, refusal]) => (
            <Radio
              key={id}
              id={`target-${id}`}
              name="target"
              label={hosts[id].info.name}
              description={
                refusal === undefined
                  ? `It fits: ${formatMiB(hosts[id].memoryFreeMiB)} free`
                  : `Does not fit: ${refusal}`
              }
              isChecked={target === id}
              isDisabled={refusal !== undefined}
              onChange={() => setTarget(id)}
            />
          ))}
      </fieldset>
    </FormDialog>
  );
}
