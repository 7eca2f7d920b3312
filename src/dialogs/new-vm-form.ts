// What the New VM dialog holds, what is wrong with it, and the specification it makes.
import { nameProblem, tidyName, vmNameConflict } from '../../engine/base/object-name.ts';
import type { ImageSource, VmSpec } from '../../engine/host/api.ts';
import { STANDARD_DEVICES } from '../../engine/vmkernel/spec/machine-spec.ts';
import { vmMemoryProblem } from '../../engine/vmkernel/spec/spec-check.ts';
import { recommendedCommandLine } from '../operations/recommended-command-line.ts';
import type { GuestImage } from '../session/catalogue.ts';
import type { HostView } from '../state/fleet.ts';
import { checkNics, type NicForm, nicSpecs } from './nic-form.ts';
import { fitProblem } from './vm-fit.ts';

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

/** What the form is checked against. */
export interface Surroundings {
  /** Of VMs. */
  names: string[];
  /** In lower case. */
  macs: ReadonlySet<string>;
  /** The chosen host, while it is there. */
  host?: HostView;
  guests: GuestImage[];
}

export function checkNewVm(form: NewVmForm, { names, macs, host, guests }: Surroundings): FieldErrors {
  const errors: FieldErrors = {};
  const name = nameProblem(form.name) ?? vmNameConflict(form.name, names);
  if (name) errors.name = name;
  if (form.hostId === '') errors.hostId = 'Choose a host.';
  if (form.source === 'catalogue' && !guests.some((guest) => guest.name === form.guest))
    errors.guest = 'Choose a guest image.';
  if (form.source === 'files' && !form.kernel)
    errors.kernel = 'Choose a kernel: a Linux bzImage, usually named vmlinuz.';
  const memory = vmMemoryProblem(memoryOf(form)) ?? (host && fitProblem(memoryOf(form), host, form.powerOn));
  if (memory) errors.memoryMiB = memory;
  if (checkNics(form.nics, macs).some(Boolean)) errors.nics = 'A network card’s MAC address cannot be.';
  return errors;
}

/** MiB; NaN for what is no number. */
export function memoryOf({ memoryMiB }: NewVmForm): number {
  return memoryMiB.trim() === '' ? Number.NaN : Number(memoryMiB);
}

const OWN_COMMAND_LINE = 'console=ttyS0';

/** What was typed, or else what suits the guest and the name. */
export function commandLineOf(form: NewVmForm, guests: GuestImage[]): string {
  if (form.commandLine !== undefined) return form.commandLine;
  const guest = guestOf(form, guests);
  return guest ? recommendedCommandLine(guest.commandLine, form.name) : OWN_COMMAND_LINE;
}

/** Characters. */
const SHOWN_FILE_NAME = 80;

function guestOf({ source, guest }: NewVmForm, guests: GuestImage[]): GuestImage | undefined {
  return source === 'catalogue' ? guests.find(({ name }) => name === guest) : undefined;
}

/** @param form one without errors */
export function specOf(form: NewVmForm, id: string, guests: GuestImage[]): VmSpec {
  const guest = guestOf(form, guests);
  const own = (file: ImageFile): ImageSource => ({ kind: 'bytes', ...file });
  return {
    id,
    name: tidyName(form.name),
    guestOs: guest?.os ?? `Linux (${form.kernel!.name.slice(0, SHOWN_FILE_NAME)})`,
    memoryMiB: memoryOf(form),
    kernel: guest?.kernel ?? own(form.kernel!),
    initrd: guest ? guest.initrd : form.initrd && own(form.initrd),
    commandLine: commandLineOf(form, guests),
    nics: nicSpecs(form.nics),
    devices: STANDARD_DEVICES,
  };
}
