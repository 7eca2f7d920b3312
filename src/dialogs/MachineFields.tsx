// The part of the New VM dialog that depends on what the machine starts from: kernel or drives, memory, screen.
import { FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { SCREEN } from '../operations/firmware-machine.ts';
import type { GuestImage } from '../session/catalogue.ts';
import { DriveFields } from './DriveFields.tsx';
import type { DriveForm } from './drive-form.ts';
import { Field } from './Field.tsx';
import { FileField } from './FileField.tsx';
import { BOOT_ORDERS, commandLineOf, type FieldErrors, type NewVmForm, usesFirmware } from './new-vm-form.ts';

interface MachineFieldsProps {
  form: NewVmForm;
  guests: GuestImage[];
  errors: FieldErrors;
  onChange(part: Partial<NewVmForm>): void;
  /** While a file is being read, the one chosen before it must not be used. */
  onReading(isReading: boolean): void;
  onRemoveDrive(drive: DriveForm): void;
}

export function MachineFields(props: MachineFieldsProps) {
  const { form, guests, errors, onChange, onRemoveDrive } = props;
  const { source, rom } = form;
  return (
    <>
      {source === 'files' && <KernelFields {...props} />}
      {source === 'drives' && rom && (
        <Field id="vm-rom" label="Firmware">
          <TextInput id="vm-rom" readOnlyVariant="plain" value={rom.name} />
        </Field>
      )}
      {source !== 'catalogue' && (
        <DriveFields
          drives={form.drives}
          error={errors.drives}
          onChange={(drives) => onChange({ drives })}
          onRemove={onRemoveDrive}
        />
      )}
      {source !== 'catalogue' && (
        <div className="tv-pair">
          {source === 'drives' && (
            <Field id="vm-boot-order" label="Boot from">
              <FormSelect
                id="vm-boot-order"
                value={form.bootOrder}
                onChange={(_, bootOrder) => onChange({ bootOrder })}
              >
                {BOOT_ORDERS.map(({ key, label }) => (
                  <FormSelectOption key={key} value={key} label={label} />
                ))}
              </FormSelect>
            </Field>
          )}
          <Field id="vm-screen" label="Screen">
            <FormSelect
              id="vm-screen"
              value={form.screen}
              onChange={(_, screen) => onChange({ screen: screen === SCREEN ? SCREEN : 'none' })}
            >
              <FormSelectOption value={SCREEN} label="Standard VGA" />
              <FormSelectOption value="none" label="None: serial console only" />
            </FormSelect>
          </Field>
        </div>
      )}
      <div className="tv-pair">
        <Field id="vm-memory" label="Memory (MiB)" isRequired error={errors.memoryMiB}>
          <TextInput
            id="vm-memory"
            type="number"
            value={form.memoryMiB}
            validated={errors.memoryMiB ? 'error' : 'default'}
            onChange={(_, memoryMiB) => onChange({ memoryMiB })}
          />
        </Field>
        {!usesFirmware(form, guests) && (
          <Field id="vm-command-line" label="Kernel command line">
            <TextInput
              id="vm-command-line"
              className="tv-mono"
              value={commandLineOf(form, guests)}
              onChange={(_, commandLine) => onChange({ commandLine })}
            />
          </Field>
        )}
      </div>
    </>
  );
}

function KernelFields({ form, errors, onChange, onReading }: MachineFieldsProps) {
  const [reading, setReading] = useState({ kernel: false, initrd: false });
  const take = (part: Partial<typeof reading>) => {
    const now = { ...reading, ...part };
    setReading(now);
    onReading(now.kernel || now.initrd);
  };
  return (
    <div className="tv-pair">
      <FileField
        id="vm-kernel"
        label="Kernel"
        isRequired
        error={errors.kernel}
        chosen={form.kernel?.name}
        onChoose={(kernel) => onChange({ kernel })}
        onReading={(kernel) => take({ kernel })}
      />
      <FileField
        id="vm-initrd"
        label="Initial RAM disk"
        chosen={form.initrd?.name}
        onChoose={(initrd) => onChange({ initrd })}
        onReading={(initrd) => take({ initrd })}
      />
    </div>
  );
}
