// New VM: a guest of the catalogue or one's own files, memory, name, command line, network cards. Images are checked before
// anything is created, so that a bad one is said here and not by a VM that cannot start.
import { Alert, Checkbox, FormSelect, FormSelectOption, Radio, TextInput } from '@patternfly/react-core';
import { useEffect, useRef, useState } from 'react';
import { DEFAULT_PORT_GROUP } from '../../engine/subnet/switch/port-group.ts';
import { prepareBoot } from '../../engine/vmkernel/vm/prepare-boot.ts';
import { createImageLoader } from '../../workers/image-loader.ts';
import { formatMiB } from '../format/format.ts';
import { freeVmName, newNic, newVmId, takenMacs, takenVmNames } from '../operations/create-from-guest.ts';
import { openDialog } from '../operations/view-operations.ts';
import { createVm } from '../operations/vm-operations.ts';
import { type Catalogue, type GuestImage, loadCatalogue } from '../session/catalogue.ts';
import { type NetworksState, portGroupsOf } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';
import { Field } from './Field.tsx';
import { FileField } from './FileField.tsx';
import { FormDialog } from './FormDialog.tsx';
import { NicFields } from './NicFields.tsx';
import { checkNewVm, commandLineOf, type NewVmForm, specOf } from './new-vm-form.ts';
import { checkNics } from './nic-form.ts';

const NO_GUESTS: GuestImage[] = [];

export function NewVmDialog({ hostId }: { hostId?: string }) {
  const fleet = useConsole((state) => state.fleet);
  const [catalogue, setCatalogue] = useState<Catalogue>();
  const [form, setForm] = useState<NewVmForm>(() => ({
    name: freeVmName('linux', takenVmNames()),
    hostId: hostId ?? fleet.hostOrder[0] ?? '',
    source: 'catalogue',
    guest: '',
    memoryMiB: '128',
    nics: [{ portGroup: DEFAULT_PORT_GROUP.name, ...newNic() }],
    powerOn: true,
  }));
  const [submitted, setSubmitted] = useState(false);
  const [busy, setBusy] = useState(false);
  const [reading, setReading] = useState({ kernel: false, initrd: false });
  const [failure, setFailure] = useState<string>();
  const closed = useRef<AbortSignal>(undefined);
  const guests = catalogue?.guests ?? NO_GUESTS;
  const around = { names: takenVmNames(), macs: takenMacs(), host: fleet.hosts[form.hostId], guests };
  const problems = checkNewVm(form, around);
  // Name and memory are filled in from the start: what is wrong with them is said while one types.
  const errors = submitted ? problems : { name: problems.name, memoryMiB: problems.memoryMiB };
  const portGroups = portGroupNames(useConsole((state) => state.networks));
  const change = (part: Partial<NewVmForm>) => setForm((now) => ({ ...now, ...part }));

  // Closing the dialog while images are being checked cancels the creation.
  useEffect(() => {
    const closing = new AbortController();
    closed.current = closing.signal;
    return () => closing.abort();
  }, []);
  useEffect(() => {
    void loadCatalogue().then((loaded) => {
      setCatalogue(loaded);
      setForm((now) => withGuest(now, loaded.guests[0]));
    });
  }, []);

  async function submit() {
    setSubmitted(true);
    if (Object.keys(problems).length > 0) return;
    setBusy(true);
    setFailure(undefined);
    const spec = specOf(form, newVmId(), guests);
    try {
      await prepareBoot(spec, readImage, closed.current);
      openDialog(undefined);
      await createVm(form.hostId, spec, form.powerOn);
    } catch (error) {
      if (closed.current?.aborted) return;
      setFailure((error as Error).message);
      setBusy(false);
    }
  }

  return (
    <FormDialog
      title="New VM"
      submitLabel="Create"
      firstField="vm-name"
      onSubmit={() => void submit()}
      isBusy={busy || reading.kernel || reading.initrd}
      failure={failure}
    >
      <div className="tv-pair">
        <Field id="vm-name" label="Name" isRequired error={errors.name}>
          <TextInput
            id="vm-name"
            value={form.name}
            validated={errors.name ? 'error' : 'default'}
            onChange={(_, name) => change({ name })}
          />
        </Field>
        <Field id="vm-host" label="Host" isRequired error={errors.hostId}>
          <FormSelect id="vm-host" value={form.hostId} onChange={(_, id) => change({ hostId: id })}>
            {fleet.hostOrder.map((id) => (
              <FormSelectOption
                key={id}
                value={id}
                label={`${fleet.hosts[id].info.name} (${formatMiB(fleet.hosts[id].memoryFreeMiB)} free)`}
              />
            ))}
          </FormSelect>
        </Field>
      </div>
      <Field id="vm-source" label="Guest" error={errors.guest}>
        <div className="tv-choices">
          <Radio
            id="vm-source-catalogue"
            name="vm-source"
            label="From the catalogue"
            isChecked={form.source === 'catalogue'}
            onChange={() => change({ source: 'catalogue' })}
          />
          <Radio
            id="vm-source-files"
            name="vm-source"
            label="Own files"
            isChecked={form.source === 'files'}
            onChange={() => change({ source: 'files' })}
          />
        </div>
        {form.source === 'catalogue' && catalogue?.problem && (
          <Alert isInline variant="warning" title="No guest images">
            {catalogue.problem}
          </Alert>
        )}
        {form.source === 'catalogue' && guests.length > 0 && (
          <FormSelect
            aria-label="Guest image"
            value={form.guest}
            onChange={(_, name) =>
              setForm((now) =>
                withGuest(
                  now,
                  guests.find((guest) => guest.name === name),
                ),
              )
            }
          >
            {guests.map((guest) => (
              <FormSelectOption key={guest.name} value={guest.name} label={`${guest.name}: ${guest.os}`} />
            ))}
          </FormSelect>
        )}
      </Field>
      {form.source === 'files' && (
        <div className="tv-pair">
          <FileField
            id="vm-kernel"
            label="Kernel"
            isRequired
            error={errors.kernel}
            onChoose={(kernel) => change({ kernel })}
            onReading={(kernel) => setReading((now) => ({ ...now, kernel }))}
          />
          <FileField
            id="vm-initrd"
            label="Initial RAM disk"
            onChoose={(initrd) => change({ initrd })}
            onReading={(initrd) => setReading((now) => ({ ...now, initrd }))}
          />
        </div>
      )}
      <div className="tv-pair">
        <Field id="vm-memory" label="Memory (MiB)" isRequired error={errors.memoryMiB}>
          <TextInput
            id="vm-memory"
            type="number"
            value={form.memoryMiB}
            validated={errors.memoryMiB ? 'error' : 'default'}
            onChange={(_, memoryMiB) => change({ memoryMiB })}
          />
        </Field>
        <Field id="vm-command-line" label="Kernel command line">
          <TextInput
            id="vm-command-line"
            className="tv-mono"
            value={commandLineOf(form, guests)}
            onChange={(_, commandLine) => change({ commandLine })}
          />
        </Field>
      </div>
      <NicFields
        nics={form.nics}
        problems={checkNics(form.nics, around.macs)}
        portGroups={portGroups}
        taken={around.macs}
        onChange={(nics) => change({ nics })}
      />
      <Checkbox
        id="vm-power-on"
        label="Power on after creation"
        isChecked={form.powerOn}
        onChange={(_, powerOn) => change({ powerOn })}
      />
    </FormDialog>
  );
}

/** The guest's recommendations, and a name after it. */
function withGuest(form: NewVmForm, guest: GuestImage | undefined): NewVmForm {
  if (!guest) return form;
  return {
    ...form,
    guest: guest.name,
    name: freeVmName(guest.name, takenVmNames()),
    memoryMiB: String(guest.memoryMiB),
    commandLine: undefined,
  };
}

/** The default one first. */
function portGroupNames(networks: NetworksState): string[] {
  return [...new Set([DEFAULT_PORT_GROUP.name, ...portGroupsOf(networks).map(({ name }) => name)])];
}

const readImage = createImageLoader(document.baseURI);
