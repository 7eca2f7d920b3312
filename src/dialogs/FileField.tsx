// A file of the person's own, read into memory when it is chosen.
import { useState } from 'react';
import { formatBytes } from '../format.ts';
import { Field } from './Field.tsx';
import type { ImageFile } from './new-vm-form.ts';

interface FileFieldProps {
  id: string;
  label: string;
  isRequired?: boolean;
  error?: string;
  onChoose(file: ImageFile | undefined): void;
}

export function FileField({ id, label, isRequired, error, onChoose }: FileFieldProps) {
  const [size, setSize] = useState<number>();
  const [unreadable, setUnreadable] = useState<string>();

  async function read(file: File | undefined) {
    setUnreadable(undefined);
    setSize(file?.size);
    try {
      onChoose(file && { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    } catch (failure) {
      onChoose(undefined);
      setUnreadable(`${file?.name} cannot be read: ${(failure as Error).message}`);
    }
  }

  return (
    <Field
      id={id}
      label={label}
      isRequired={isRequired}
      error={unreadable ?? error}
      help={size === undefined ? undefined : formatBytes(size)}
    >
      <input id={id} type="file" onChange={(event) => void read(event.currentTarget.files?.[0])} />
    </Field>
  );
}
