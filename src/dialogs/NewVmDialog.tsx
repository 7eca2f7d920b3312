// New VM: a guest of the catalogue, a kernel that is started directly, or drives that firmware boots from. Files that are dropped or chosen
// say themselves what they are and propose the machine. Images are checked before anything is created, so that a bad one is
// said here and not by a VM that cannot start.
import { Alert, Checkbox, FormSelect, FormSelectOption, Radio, TextInput } from '@patternfly/react-core';
import { useEffect, useRef, useState } from 'react';
import type { VmSpec } from '../../engine/host/api.ts';
import { DEFAULT_PORT_GROUP } from '../../engine/subnet/switch/port-group.ts';
import { prepareBoot } from '../../engine/vmkernel/vm/prepare-boot.ts';
import { createImageLoader } from '../../workers/image-loader.ts';
import { formatMiB } from '../format/format.ts';
import type { PickedFile } from '../media/picked-file.ts';
import { useFileDrop } from '../media/use-file-drop.ts';
import { freeVmName, lapwingSpec, newNic, newVmId, takenMacs, takenVmNames } from '../operations/create-from-guest.ts';
import { openDialog } from '../operations/view-operations.ts';
import { createVm } from '../operations/vm-operations.ts';
import { type Catalogue, type GuestImage, loadCatalogue } from '../session/catalogue.ts';
import { LAPWING, loadLapwing } from '../session/lapwing.ts';
import { type NetworksState, portGroupsOf } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';
import { applyImage, type GivenImage, withoutItem } from './apply-image.ts';
import { Field } from './Field.tsx';
import { FormDialog } from './FormDialog.tsx';
import { ImageFiles } from './ImageFiles.tsx';
import { MachineFields } from './MachineFields.tsx';
import { NicFields } from './NicFields.tsx';
import { checkNewVm, isLapwing, type NewVmForm, needsOf, placeOf, specOf, usesFirmware } from './new-vm-form.ts';
import { checkNics } from './nic-form.ts';
import { filesProblem, useImageFiles } from './use-image-files.ts';
import { fittingMemory } from './vm-fit.ts';

const NO_CATALOGUE: Catalogue = { guests: [] };
const SOURCES: readonly [NewVmForm['source'], string][] = [
  ['catalogue', 'From the catalogue'],
  ['drives', 'Disks and CDs'],
  ['files', 'Own kernel'],
];

/** As many as a machine has drives for, and some. */
const MOST_FILES = 16;

interface NewVmDialogProps {
  hostId?: string;
  /** With which it was opened. */
  files?: readonly PickedFile[];
}

export function NewVmDialog({ hostId, files }: NewVmDialogProps) {
  const fleet = useConsole((state) => state.fleet);
  const [loaded, setCatalogue] = useState<Catalogue>();
  const [form, setForm] = useState<NewVmForm>(() => newForm(hostId, fleet.hostOrder[0] ?? '', files !== undefined));
  const [submitted, setSubmitted] = useState(false);
  const [busy, setBusy] = useState(false);
  const [reading, setReading] = useState(false);
  const [failure, setFailure] = useState<string>();
  const closed = useRef<AbortSignal>(undefined);
  const catalogue = loaded ?? NO_CATALOGUE;
  const place = placeOf(form, fleet, catalogue);
  const around = { names: takenVmNames(), macs: takenMacs(), host: fleet.hosts[place], catalogue };
  const problems = checkNewVm({ ...form, hostId: place }, around);
  // Name and memory are filled in from the start: what is wrong with them is said while one types.
  const errors = submitted ? problems : { name: problems.name, memoryMiB: problems.memoryMiB };
  const portGroups = portGroupNames(useConsole((state) => state.networks));
  const change = (part: Partial<NewVmForm>) => setForm((now) => ({ ...now, ...part }));
  const catalogueNow = useRef(NO_CATALOGUE);
  const images = useImageFiles(
    (given) => setForm((now) => withImage(now, given, catalogueNow.current)),
    (item) => setForm((now) => withoutItem(now, item)),
  );
  const take = (given: readonly PickedFile[]) => {
    const isTooMany = images.items.length + given.length > MOST_FILES;
    setFailure(isTooMany ? `A VM is made of ${MOST_FILES} files at most; these are ${given.length}.` : undefined);
    if (!isTooMany) images.add(given);
  };
  const drop = useFileDrop(take, setFailure);
  const lacksFirmware =
    loaded && usesFirmware(form, catalogue.guests) && !catalogue.firmware ? problems.guest : undefined;

  // Closing the dialog while images are being checked cancels the creation.
  useEffect(() => {
    const closing = new AbortController();
    closed.current = closing.signal;
    return () => closing.abort();
  }, []);
  useEffect(() => {
    void loadCatalogue().then((now) => {
      catalogueNow.current = now;
      setCatalogue(now);
      const first = now.guests[0] ?? LAPWING;
      setForm((form) => (form.source === 'catalogue' ? withGuest(form, first) : { ...form, guest: first.name }));
    });
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with what it was opened with
  useEffect(() => {
    if (files) take(files);
  }, []);

  async function submit() {
    setSubmitted(true);
    if (Object.keys(problems).length > 0) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const spec = await wholeSpec(form, catalogue);
      await prepareBoot(spec, readImage, closed.current);
      openDialog(undefined);
      await createVm(place, spec, form.powerOn);
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
      isBusy={busy || reading}
      obstacle={filesProblem(images.items) ?? lacksFirmware}
      failure={failure}
      dropHandlers={drop.handlers}
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
          <FormSelect id="vm-host" value={place} onChange={(_, id) => change({ hostId: id, isHostChosen: true })}>
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
      <ImageFiles
        items={images.items}
        isOver={drop.isOver}
        onFiles={take}
        onRemove={images.remove}
        onForce={images.force}
      />
      <Field id="vm-source" label="Guest" error={lacksFirmware ?? errors.guest}>
        <div className="tv-choices">
          {SOURCES.map(([source, label]) => (
            <Radio
              key={source}
              id={`vm-source-${source}`}
              name="vm-source"
              label={label}
              isChecked={form.source === source}
              onChange={() => change({ source, screen: source === 'drives' ? 'VGA' : 'none' })}
            />
          ))}
        </div>
        {form.source === 'catalogue' && catalogue.problem && (
          <Alert isInline variant="warning" title="No guest images">
            {catalogue.problem}
          </Alert>
        )}
        {form.source === 'catalogue' && loaded && (
          <FormSelect
            aria-label="Guest image"
            value={form.guest}
            onChange={(_, name) => setForm((now) => withGuest(now, guestNamed(catalogue, name)))}
          >
            {[...catalogue.guests, LAPWING].map(({ name, os }) => (
              <FormSelectOption key={name} value={name} label={`${name}: ${os}`} />
            ))}
          </FormSelect>
        )}
      </Field>
      <MachineFields
        form={form}
        guests={catalogue.guests}
        errors={errors}
        onChange={change}
        onReading={setReading}
        onRemoveDrive={({ key, fromItem }) => {
          change({ drives: form.drives.filter((drive) => drive.key !== key) });
          const isLast = form.drives.every((drive) => drive.key === key || drive.fromItem !== fromItem);
          if (fromItem !== undefined && isLast) images.remove(fromItem);
        }}
      />
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

function newForm(hostId: string | undefined, proposedHost: string, withFiles: boolean): NewVmForm {
  const name = freeVmName(withFiles ? 'vm' : 'linux', takenVmNames());
  return {
    name,
    suggestion: name,
    hostId: hostId ?? proposedHost,
    isHostChosen: hostId !== undefined,
    source: withFiles ? 'drives' : 'catalogue',
    guest: '',
    memoryMiB: '128',
    drives: [],
    bootOrder: 'own',
    screen: withFiles ? 'VGA' : 'none',
    nics: [{ portGroup: DEFAULT_PORT_GROUP.name, ...newNic() }],
    powerOn: true,
  };
}

/** With less memory than is proposed where the host has not that much. */
function withImage(form: NewVmForm, given: GivenImage, catalogue: Catalogue): NewVmForm {
  const applied = applyImage(form, given, (base) => freeVmName(base, takenVmNames()));
  const { fleet } = useConsole.getState();
  const host = fleet.hosts[placeOf(applied, fleet, catalogue)];
  if (!host || applied.memoryMiB === form.memoryMiB) return applied;
  return { ...applied, memoryMiB: String(fittingMemory(needsOf(applied, catalogue), host)) };
}

/** Rejects with a message for the user. */
async function wholeSpec(form: NewVmForm, catalogue: Catalogue): Promise<VmSpec> {
  if (!isLapwing(form) || !catalogue.firmware) return specOf(form, newVmId(), catalogue);
  const { name, memoryMiB, nics } = specOf({ ...form, source: 'drives' }, newVmId(), catalogue);
  return { ...lapwingSpec(catalogue.firmware, await loadLapwing(), name), memoryMiB, nics };
}

function guestNamed({ guests }: Catalogue, wanted: string) {
  return guests.find(({ name }) => name === wanted) ?? LAPWING;
}

/** The guest's recommendations, and a name after it. */
function withGuest(form: NewVmForm, { name, memoryMiB }: Pick<GuestImage, 'name' | 'memoryMiB'>): NewVmForm {
  const fresh = freeVmName(name, takenVmNames());
  return {
    ...form,
    guest: name,
    name: fresh,
    suggestion: fresh,
    memoryMiB: String(memoryMiB),
    commandLine: undefined,
  };
}

/** The default one first. */
function portGroupNames(networks: NetworksState): string[] {
  return [...new Set([DEFAULT_PORT_GROUP.name, ...portGroupsOf(networks).map(({ name }) => name)])];
}

const readImage = createImageLoader(document.baseURI);
