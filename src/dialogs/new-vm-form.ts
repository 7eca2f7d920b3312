// What the New VM dialog holds, what is wrong with it, and the specification it makes.
import type { ImageSource, VmSpec } from '../../workers/api.ts';
import { recommendedCommandLine } from '../operations/recommended-command-line.ts';
import type { GuestImage } from '../session/catalogue.ts';
import { checkNics, type NicForm, nicSpecs } from './nic-form.ts';

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
  /** As typed; undefined while it is the recommended one. */
  commandLine?: string;
  nics: NicForm[];
  powerOn: boolean;
}

export type FieldErrors = Partial<Record<'name' | 'hostId' | 'guest' | 'kernel' | 'memoryMiB' | 'nics', string>>;

export interface Taken {
  names: string[];
  macs: ReadonlySet<string>;
}

export const MEMORY_LIMITS = { least: 16, most: 3072 };

/** @param taken names of VMs, and MAC addresses in lower case */
export function checkNewVm(form: NewVmForm, taken: Taken, guests: GuestImage[]): FieldErrors {
  const errors: FieldErrors = {};
  const name = form.name.trim();
  if (name === '') errors.name = 'A VM needs a name.';
  else if (taken.names.includes(name)) errors.name = `There is already a VM named ${name}.`;
  if (form.hostId === '') errors.hostId = 'Choose a host.';
  if (form.source === 'catalogue' && !guests.some((guest) => guest.name === form.guest))
    errors.guest = 'Choose a guest image.';
  if (form.source === 'files' && !form.kernel)
    errors.kernel = 'Choose a kernel: a Linux bzImage, usually named vmlinuz.';
  const memory = Number(form.memoryMiB);
  const { least, most } = MEMORY_LIMITS;
  if (!Number.isInteger(memory) || memory < least || memory > most)
    errors.memoryMiB = `A whole number of MiB from ${least} to ${most}.`;
  if (checkNics(form.nics, taken.macs).some(Boolean)) errors.nics = 'A network card’s MAC address cannot be.';
  return errors;
}

const OWN_COMMAND_LINE = 'console=ttyS0';

/** What was typed, or else what suits the guest and the name. */
export function commandLineOf(form: NewVmForm, guests: GuestImage[]): string {
  if (form.commandLine !== undefined) return form.commandLine;
  const guest = guestOf(form, guests);
  return guest ? recommendedCommandLine(guest.commandLine, form.name) : OWN_COMMAND_LINE;
}

function guestOf({ source, guest }: NewVmForm, guests: GuestImage[]): GuestImage | undefined {
  return source === 'catalogue' ? guests.find(({ name }) => name === guest) : undefined;
}

/** @param form one without errors */
export function specOf(form: NewVmForm, id: string, guests: GuestImage[]): VmSpec {
  const guest = guestOf(form, guests);
  const own = (file: ImageFile): ImageSource => ({ kind: 'bytes', ...file });
  return {
    id,
    name: form.name.trim(),
    guestOs: guest?.os ?? `Linux (${form.kernel!.name})`,
    memoryMiB: Number(form.memoryMiB),
    kernel: guest?.kernel ?? own(form.kernel!),
    initrd: guest ? guest.initrd : form.initrd && own(form.initrd),
    commandLine: commandLineOf(form, guests),
    nics: nicSpecs(form.nics),
  };
}
