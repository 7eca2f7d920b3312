// What the New VM dialog holds, what is wrong with it, and the specification it makes.
import type { ImageSource, VmSpec } from '../../workers/api.ts';
import type { GuestImage } from '../session/catalogue.ts';

export interface ImageFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface NewVmForm {
  name: string;
  hostId: string;
  source: 'catalogue' | 'files';
  /** Name of the catalogue's guest. */
  guest: string;
  kernel?: ImageFile;
  initrd?: ImageFile;
  /** As typed. */
  memoryMiB: string;
  commandLine: string;
  powerOn: boolean;
}

export type FieldErrors = Partial<Record<'name' | 'hostId' | 'guest' | 'kernel' | 'memoryMiB', string>>;

export const MEMORY_LIMITS = { least: 16, most: 3072 };

export function checkNewVm(form: NewVmForm, takenNames: string[], guests: GuestImage[]): FieldErrors {
  const errors: FieldErrors = {};
  const name = form.name.trim();
  if (name === '') errors.name = 'A VM needs a name.';
  else if (takenNames.includes(name)) errors.name = `There is already a VM named ${name}.`;
  if (form.hostId === '') errors.hostId = 'Choose a host.';
  if (form.source === 'catalogue' && !guests.some((guest) => guest.name === form.guest))
    errors.guest = 'Choose a guest image.';
  if (form.source === 'files' && !form.kernel)
    errors.kernel = 'Choose a kernel: a Linux bzImage, usually named vmlinuz.';
  const memory = Number(form.memoryMiB);
  const { least, most } = MEMORY_LIMITS;
  if (!Number.isInteger(memory) || memory < least || memory > most)
    errors.memoryMiB = `A whole number of MiB from ${least} to ${most}.`;
  return errors;
}

/** @param form one without errors */
export function specOf(form: NewVmForm, id: string, guests: GuestImage[]): VmSpec {
  const guest = form.source === 'catalogue' ? guests.find((g) => g.name === form.guest) : undefined;
  const own = (file: ImageFile): ImageSource => ({ kind: 'bytes', ...file });
  return {
    id,
    name: form.name.trim(),
    guestOs: guest?.os ?? `Linux (${form.kernel!.name})`,
    memoryMiB: Number(form.memoryMiB),
    kernel: guest?.kernel ?? own(form.kernel!),
    initrd: guest ? guest.initrd : form.initrd && own(form.initrd),
    commandLine: form.commandLine,
  };
}
