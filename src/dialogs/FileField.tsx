// A file of the person's own, read into memory when it is chosen.
import { useRef, useState } from 'react';
import { formatBytes } from '../format/format.ts';
import { Field } from './Field.tsx';
import type { ImageFile } from './new-vm-form.ts';

interface FileFieldProps {
  id: string;
  label: string;
  isRequired?: boolean;
  error?: string;
  /** The file that is chosen, from wherever. */
  chosen?: string;
  onChoose(file: ImageFile | undefined): void;
  /** While a file is being read, the one chosen before it must not be used. */
  onReading(reading: boolean): void;
}

export function FileField({ id, label, isRequired, error, chosen, onChoose, onReading }: FileFieldProps) {
  const [size, setSize] = useState<number>();
  const [unreadable, setUnreadable] = useState<string>();
  const latest = useRef<File>(undefined);

  async function choose(file: File | undefined) {
    latest.current = file;
    setUnreadable(undefined);
    setSize(file?.size);
    onReading(true);
    let image: ImageFile | undefined;
    let failure: string | undefined;
    try {
      image = file && { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
    } catch (error) {
      failure = `${file?.name} cannot be read: ${(error as Error).message}`;
    }
    if (latest.current !== file) return;
    setUnreadable(failure);
    onChoose(image);
    onReading(false);
  }

  return (
    <Field
      id={id}
      label={label}
      isRequired={isRequired}
      error={unreadable ?? error}
      help={size === undefined ? chosen : formatBytes(size)}
    >
      <input id={id} type="file" onChange={(event) => void choose(event.currentTarget.files?.[0])} />
    </Field>
  );
}
