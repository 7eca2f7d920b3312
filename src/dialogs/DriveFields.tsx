// The drives in the New VM dialog: kind and medium of each.
import { Button, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import PlusCircleIcon from '@patternfly/react-icons/dist/esm/icons/plus-circle-icon';
import TrashIcon from '@patternfly/react-icons/dist/esm/icons/trash-icon';
import { isRemovable } from '../../engine/vmkernel/spec/drive-check.ts';
import { formatBytes } from '../format/format.ts';
import { checkDrives, type DriveForm, type DriveModel } from './drive-form.ts';
import { Field } from './Field.tsx';

interface DriveFieldsProps {
  drives: readonly DriveForm[];
  /** With all of them together. */
  error?: string;
  onChange(drives: DriveForm[]): void;
  onRemove(drive: DriveForm): void;
}

const MODELS: readonly [DriveModel, string][] = [
  ['ide-hd', 'IDE disk'],
  ['virtio-blk', 'virtio disk'],
  ['ide-cd', 'CD drive (IDE)'],
  ['floppy', 'Floppy drive'],
];
const NEW_DISK_MIB = '1024';

export function DriveFields({ drives, error, onChange, onRemove }: DriveFieldsProps) {
  const problems = checkDrives(drives);
  const change = (key: string, part: Partial<DriveForm>) =>
    onChange(drives.map((drive) => (drive.key === key ? { ...drive, ...part } : drive)));
  const add = (model: DriveModel, sizeMiB?: string) =>
    onChange([...drives, { key: crypto.randomUUID(), model, sizeMiB }]);
  return (
    <div className="tv-nics">
      {drives.map((drive, n) => (
        <fieldset key={drive.key} className="tv-drive">
          <legend className="tv-visually-hidden">Drive {n + 1}</legend>
          <Field id={`vm-drive-${n}-model`} label={`Drive ${n + 1}`}>
            <FormSelect
              id={`vm-drive-${n}-model`}
              value={drive.model}
              onChange={(_, model) =>
                change(drive.key, { model: model as DriveModel, sizeMiB: drive.sizeMiB ?? NEW_DISK_MIB })
              }
            >
              {MODELS.map(([model, label]) => (
                <FormSelectOption key={model} value={model} label={label} />
              ))}
            </FormSelect>
          </Field>
          <MediumField n={n} drive={drive} problem={problems[n]} onSize={(sizeMiB) => change(drive.key, { sizeMiB })} />
          <Button
            variant="plain"
            className="tv-nic-remove"
            icon={<TrashIcon />}
            aria-label={`Remove drive ${n + 1}`}
            onClick={() => onRemove(drive)}
          />
        </fieldset>
      ))}
      <div className="tv-choices">
        <AddButton label="Add new disk" onAdd={() => add('ide-hd', NEW_DISK_MIB)} />
        <AddButton label="Add CD drive" onAdd={() => add('ide-cd')} />
        <AddButton label="Add floppy drive" onAdd={() => add('floppy')} />
      </div>
      {error && (
        <p className="tv-field-error" role="status">
          {error}
        </p>
      )}
    </div>
  );
}

interface MediumFieldProps {
  n: number;
  drive: DriveForm;
  problem?: string;
  onSize(sizeMiB: string): void;
}

function MediumField({ n, drive: { model, medium, sizeMiB }, problem, onSize }: MediumFieldProps) {
  const id = `vm-drive-${n}-medium`;
  if (medium || isRemovable(model))
    return (
      <Field id={id} label="Medium">
        <TextInput
          id={id}
          readOnlyVariant="plain"
          value={medium ? `${medium.spec.name} (${formatBytes(medium.size)})` : 'empty'}
        />
      </Field>
    );
  return (
    <Field id={id} label="New disk (MiB)" error={problem}>
      <TextInput
        id={id}
        type="number"
        value={sizeMiB ?? ''}
        validated={problem ? 'error' : 'default'}
        onChange={(_, size) => onSize(size)}
      />
    </Field>
  );
}

function AddButton({ label, onAdd }: { label: string; onAdd(): void }) {
  return (
    <Button variant="link" isInline icon={<PlusCircleIcon />} onClick={onAdd}>
      {label}
    </Button>
  );
}
