// The network cards in the New VM dialog: model, port group and MAC address of each.
import { Button, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import PlusCircleIcon from '@patternfly/react-icons/dist/esm/icons/plus-circle-icon';
import TrashIcon from '@patternfly/react-icons/dist/esm/icons/trash-icon';
import { MAXIMUM_NICS } from '../../engine/pc/bus/nic.ts';
import { NIC_MODELS } from '../../engine/pc/machine/device-models.ts';
import { randomMac } from '../format/mac.ts';
import { Field } from './Field.tsx';
import type { NicForm } from './nic-form.ts';

interface NicFieldsProps {
  nics: NicForm[];
  /** By card. */
  problems: (string | undefined)[];
  portGroups: string[];
  /** MAC addresses in lower case. */
  taken: ReadonlySet<string>;
  onChange(nics: NicForm[]): void;
}

const MODELS: [NicForm['model'], string][] = [
  ...NIC_MODELS.map(({ name, help }): [string, string] => [name, help]),
  ['none', 'None'],
];

export function NicFields({ nics, problems, portGroups, taken, onChange }: NicFieldsProps) {
  const change = (index: number, part: Partial<NicForm>) =>
    onChange(nics.map((nic, n) => (n === index ? { ...nic, ...part } : nic)));

  function add() {
    const mac = randomMac(new Set([...taken, ...nics.map((nic) => nic.mac.toLowerCase())]));
    onChange([...nics, { model: 'virtio-net', portGroup: portGroups[0], mac }]);
  }

  return (
    <div className="tv-nics">
      {nics.map((nic, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a card has no identity but its place
        <fieldset key={n} className="tv-nic">
          <legend className="tv-visually-hidden">Network card {n + 1}</legend>
          <Field id={`vm-nic-${n}-model`} label={nics.length > 1 ? `Network card ${n + 1}` : 'Network card'}>
            <FormSelect id={`vm-nic-${n}-model`} value={nic.model} onChange={(_, model) => change(n, { model })}>
              {MODELS.map(([model, label]) => (
                <FormSelectOption key={model} value={model} label={label} />
              ))}
            </FormSelect>
          </Field>
          <Field id={`vm-nic-${n}-port-group`} label="Port group">
            <FormSelect
              id={`vm-nic-${n}-port-group`}
              value={nic.portGroup}
              isDisabled={nic.model === 'none'}
              onChange={(_, portGroup) => change(n, { portGroup })}
            >
              {portGroups.map((name) => (
                <FormSelectOption key={name} value={name} label={name} />
              ))}
            </FormSelect>
          </Field>
          <Field id={`vm-nic-${n}-mac`} label="MAC address" error={problems[n]}>
            <TextInput
              id={`vm-nic-${n}-mac`}
              className="tv-mono"
              value={nic.mac}
              isDisabled={nic.model === 'none'}
              validated={problems[n] ? 'error' : 'default'}
              onChange={(_, mac) => change(n, { mac })}
            />
          </Field>
          <Button
            variant="plain"
            className="tv-nic-remove"
            icon={<TrashIcon />}
            aria-label={`Remove network card ${n + 1}`}
            onClick={() => onChange(nics.filter((_, other) => other !== n))}
          />
        </fieldset>
      ))}
      {nics.length < MAXIMUM_NICS && (
        <Button variant="link" isInline icon={<PlusCircleIcon />} onClick={add}>
          Add network card
        </Button>
      )}
    </div>
  );
}
