// What the New VM dialog holds, what is wrong with it, and the specification it makes.
import { nameProblem, tidyName, vmNameConflict } from '../../engine/base/object-name.ts';
import type { DriveSpec, ImageSource, VmSpec } from '../../engine/host/api.ts';
import type { BootDevice } from '../../engine/pc/bus/boot.ts';
import type { DeviceSpec } from '../../engine/pc/bus/device-model.ts';
import { machineSpec, memoryNeeds, STANDARD_DEVICES } from '../../engine/vmkernel/spec/machine-spec.ts';
import { vmMemoryProblem } from '../../engine/vmkernel/spec/spec-check.ts';
import {
  firmwareMachine,
  type OwnRom,
  SCREEN,
  SCREEN_DEVICES,
  type ScreenModel,
} from '../operations/firmware-machine.ts';
import { guestMachine } from '../operations/guest-machine.ts';
import { recommendedCommandLine } from '../operations/recommended-command-line.ts';
import { type Catalogue, type FirmwareImages, type GuestImage, NO_FIRMWARE } from '../session/catalogue.ts';
import { LAPWING } from '../session/lapwing.ts';
import type { FleetState, HostView } from '../state/fleet.ts';
import { checkDrives, type DriveForm, driveCrowd, driveSpecs } from './drive-form.ts';
import { checkNics, type NicForm, nicSpecs } from './nic-form.ts';
import { fitProblem } from './vm-fit.ts';

export interface ImageFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A file that is loaded whole. */
export interface OwnFile extends ImageFile {
  /** The file among those that were given (ImageItem) from which it came. */
  fromItem?: number;
}

export interface NewVmForm {
  name: string;
  /** The name that was proposed last: another one is the user's own. */
  suggestion: string;
  hostId: string;
  /** By the user: otherwise it is a proposal, and gives way to a host that has room. */
  isHostChosen: boolean;
  /** A guest that is ready, a kernel that is started directly, or drives that firmware boots from. */
  source: 'catalogue' | 'files' | 'drives';
  /** Name of the catalogue's guest. */
  guest: string;
  kernel?: OwnFile;
  initrd?: OwnFile;
  /** In place of the site's BIOS. */
  rom?: OwnFile;
  /** What was found to be on the drives. */
  guestOs?: string;
  /** As typed. */
  memoryMiB: string;
  /** As typed; undefined while it is the recommended one. */
  commandLine?: string;
  drives: DriveForm[];
  /** Of BOOT_ORDERS. */
  bootOrder: string;
  screen: ScreenModel;
  nics: NicForm[];
  powerOn: boolean;
}

interface BootOrder {
  key: string;
  label: string;
  /** Firmware's own if empty. */
  order: readonly BootDevice[];
}

export const BOOT_ORDERS: readonly BootOrder[] = [
  { key: 'own', label: 'Disk, floppy, CD', order: [] },
  { key: 'floppy', label: 'Floppy first', order: ['floppy', 'disk', 'cdrom'] },
  { key: 'disk', label: 'Disk first, then CD', order: ['disk', 'cdrom', 'floppy'] },
  { key: 'cdrom', label: 'CD first', order: ['cdrom', 'disk', 'floppy'] },
];

type FieldName = 'name' | 'hostId' | 'guest' | 'kernel' | 'memoryMiB' | 'nics' | 'drives';
export type FieldErrors = Partial<Record<FieldName, string>>;

/** What the form is checked against. */
export interface Surroundings {
  /** Of VMs. */
  names: string[];
  /** In lower case. */
  macs: ReadonlySet<string>;
  /** The chosen host, while it is there. */
  host?: HostView;
  catalogue: Catalogue;
}

export function checkNewVm(form: NewVmForm, { names, macs, host, catalogue }: Surroundings): FieldErrors {
  const errors: FieldErrors = {};
  const name = nameProblem(form.name) ?? vmNameConflict(form.name, names);
  if (name) errors.name = name;
  if (form.hostId === '') errors.hostId = 'Choose a host.';
  if (form.source === 'catalogue' && !isLapwing(form) && !guestOf(form, catalogue.guests))
    errors.guest = 'Choose a guest image.';
  if (usesFirmware(form, catalogue.guests) && !catalogue.firmware) errors.guest = NO_FIRMWARE;
  if (form.source === 'files' && !form.kernel)
    errors.kernel = 'Choose a kernel: a Linux bzImage, usually named vmlinuz.';
  const memory = vmMemoryProblem(memoryOf(form)) ?? (host && fitProblem(needsOf(form, catalogue), host, form.powerOn));
  if (memory) errors.memoryMiB = memory;
  if (checkNics(form.nics, macs).some(Boolean)) errors.nics = 'A network card’s MAC address cannot be.';
  const drives = drivesError(form);
  if (drives) errors.drives = drives;
  return errors;
}

/** The host on which it comes: that of the form, or, where that is a proposal without room for it, another of this tab that has. */
export function placeOf(
  form: NewVmForm,
  { hosts, hostOrder }: Pick<FleetState, 'hosts' | 'hostOrder'>,
  catalogue: Catalogue,
): string {
  if (form.isHostChosen || vmMemoryProblem(memoryOf(form))) return form.hostId;
  const others = hostOrder.filter((id) => hosts[id].local && hosts[id].silentSince === undefined);
  const needs = needsOf(form, catalogue);
  const fits = (id: string) => hosts[id] && !fitProblem(needs, hosts[id], form.powerOn);
  return [form.hostId, ...others].find(fits) ?? form.hostId;
}

/** Of memory, that of ROMs and devices included. */
export function needsOf(form: NewVmForm, { firmware, guests }: Catalogue) {
  const memoryMiB = memoryOf(form);
  if (usesFirmware(form, guests) && firmware) {
    const { rom } = form;
    const screen = form.source === 'drives' ? form.screen : SCREEN;
    const machine = firmwareMachine(firmware, screen, rom && ownRom(rom));
    return memoryNeeds(machineSpec({ memoryMiB, ...machine }));
  }
  return memoryNeeds(machineSpec({ memoryMiB, devices: kernelDevices(form) }));
}

function kernelDevices(form: NewVmForm): readonly DeviceSpec[] {
  return hasScreen(form) ? [...STANDARD_DEVICES, ...SCREEN_DEVICES] : STANDARD_DEVICES;
}

/** Of a machine that starts by its kernel. */
function hasScreen({ source, screen }: NewVmForm): boolean {
  return source === 'files' && screen === SCREEN;
}

function ownRom({ name, bytes }: OwnFile): OwnRom {
  return { image: { kind: 'bytes', name, bytes }, sizeKiB: bytes.length / 1024 };
}

function drivesError({ source, drives, rom }: NewVmForm): string | undefined {
  if (source === 'catalogue') return undefined;
  if (checkDrives(drives).some(Boolean)) return 'The size of a new disk is missing.';
  // A drive may be empty or new: a medium can be inserted later.
  if (source === 'drives' && !rom && drives.length === 0)
    return 'There is nothing to boot from: choose an image, or add a drive for one.';
  return driveCrowd(drives);
}

export function isLapwing({ source, guest }: NewVmForm): boolean {
  return source === 'catalogue' && guest === LAPWING.name;
}

/** It is started by firmware, with no command line. */
export function usesFirmware(form: NewVmForm, guests: GuestImage[]): boolean {
  return form.source === 'drives' || isLapwing(form) || guestOf(form, guests)?.drives !== undefined;
}

/** MiB; NaN for what is no number. */
export function memoryOf({ memoryMiB }: NewVmForm): number {
  return memoryMiB.trim() === '' ? Number.NaN : Number(memoryMiB);
}

/** The console that is named last is where the first shell runs. */
const OWN_COMMAND_LINE = { none: 'console=ttyS0', VGA: 'console=ttyS0 console=tty0' };

/** What was typed, or else what suits the guest and the name. */
export function commandLineOf(form: NewVmForm, guests: GuestImage[]): string {
  if (form.commandLine !== undefined) return form.commandLine;
  const guest = guestOf(form, guests);
  return guest ? recommendedCommandLine(guest.commandLine, form.name) : OWN_COMMAND_LINE[form.screen];
}

/** Characters. */
const SHOWN_FILE_NAME = 80;

function guestOf({ source, guest }: NewVmForm, guests: GuestImage[]): GuestImage | undefined {
  return source === 'catalogue' ? guests.find(({ name }) => name === guest) : undefined;
}

/** @param form one without errors, and not that of Lapwing, which is made by lapwingSpec */
export function specOf(form: NewVmForm, id: string, { guests, firmware }: Catalogue): VmSpec {
  const common = {
    id,
    name: tidyName(form.name),
    memoryMiB: memoryOf(form),
    nics: nicSpecs(form.nics),
  };
  if (form.source === 'drives' && firmware) return { ...common, ...bootedFromDrives(form, firmware) };
  const guest = guestOf(form, guests);
  const own = (file: ImageFile): ImageSource => ({ kind: 'bytes', name: file.name, bytes: file.bytes });
  if (guest) {
    const machine = { ...common, guestOs: guest.os, ...guestMachine(guest, form.name) };
    return guest.drives ? machine : { ...machine, commandLine: commandLineOf(form, guests) };
  }
  const drives = driveSpecs(form.drives);
  return {
    ...common,
    guestOs: `${kernelSystem(form)} (${form.kernel!.name.slice(0, SHOWN_FILE_NAME)})`,
    kernel: own(form.kernel!),
    initrd: form.initrd && own(form.initrd),
    commandLine: commandLineOf(form, guests),
    ...(drives.length > 0 && { drives }),
    devices: kernelDevices(form),
    ...(hasScreen(form) && firmware && { vgaBios: firmware.vgaBios }),
  };
}

/** What was proposed for a kernel of another system; without its version Linux is a kind. */
function kernelSystem({ guestOs }: NewVmForm): string {
  return guestOs === undefined || guestOs.startsWith('Linux') ? 'Linux' : guestOs;
}

function bootedFromDrives(form: NewVmForm, firmware: FirmwareImages) {
  const { rom } = form;
  const drives = driveSpecs(form.drives);
  const order = BOOT_ORDERS.find(({ key }) => key === form.bootOrder)?.order ?? [];
  return {
    guestOs: form.guestOs ?? bootName(drives, rom),
    commandLine: '',
    drives,
    ...(order.length > 0 && { boot: { order } }),
    ...firmwareMachine(firmware, form.screen, rom && ownRom(rom)),
  };
}

/** Of what nothing else is known. */
function bootName(drives: readonly DriveSpec[], rom: OwnFile | undefined): string {
  const name = rom?.name ?? drives.find(({ medium }) => medium && medium.source.kind !== 'blank')?.medium?.name;
  return (name ?? 'Unknown').slice(0, SHOWN_FILE_NAME);
}
