// What an image that the user gives proposes to the form: the machine that suits it. Everything can be changed afterwards.

import { nameProblem } from '../../engine/base/object-name.ts';
import { isUsable, type ProposedDrive } from '../../engine/pc/images/recognized.ts';
import type { IdentifiedImage } from '../media/identify.ts';
import { imageMedium } from '../media/image-medium.ts';
import type { DriveForm } from './drive-form.ts';
import { BOOT_ORDERS, type NewVmForm, type OwnFile } from './new-vm-form.ts';

export interface GivenImage extends IdentifiedImage {
  /** Among those that were given. */
  item: number;
  /** Its bytes, of a file that is loaded whole. */
  bytes?: Uint8Array<ArrayBuffer>;
}

/** Kinds that are loaded into memory whole when the machine starts. */
export function isLoadedWhole({ kind, proposal }: IdentifiedImage['image']): boolean {
  return kind === 'initrd' || proposal?.start === 'kernel' || proposal?.start === 'rom';
}

/** It goes into the form at once. An initial RAM disk does although it lacks its kernel: that may follow, and else the form asks for it. */
export function isTaken({ image }: IdentifiedImage): boolean {
  return isUsable(image) || image.kind === 'initrd';
}

/** One that lies in a drive can be used for something else than to boot from it. */
export function canBeForced({ image }: IdentifiedImage): boolean {
  return !isUsable(image) && image.proposal?.start === 'drive';
}

/** @param freeName makes a name that no VM has from a word */
export function applyImage(form: NewVmForm, given: GivenImage, freeName: (base: string) => string): NewVmForm {
  const { image, item, bytes } = given;
  const file: OwnFile | undefined = bytes && { name: given.name, bytes, fromItem: item };
  if (image.kind === 'initrd') return { ...form, source: 'files', initrd: file };
  const { proposal } = image;
  if (!proposal) return form;
  const { start, nic, guestOs, memoryMiB } = proposal;
  const isFirst = !hasOwn(form);
  const settings: NewVmForm = isFirst
    ? {
        ...form,
        ...suggestedName(form, guestOs, freeName),
        guestOs: guestOs === 'Unknown' ? undefined : guestOs,
        memoryMiB: String(memoryMiB),
        commandLine: undefined,
        nics: form.nics.map((card, n) => (n === 0 && card.model !== 'none' ? { ...card, model: nic } : card)),
        drives: start === 'kernel' ? [] : withCd(form.drives.filter(({ medium }) => medium)),
      }
    : form;
  if (start === 'kernel')
    // Of its own accord Linux prints on the serial line, others write to the screen's memory.
    return { ...settings, source: 'files', screen: image.kind === 'linux-kernel' ? 'none' : 'VGA', kernel: file };
  if (start === 'rom') return { ...settings, source: 'drives', screen: 'VGA', rom: file };
  const blank = isFirst ? proposal.drives : proposal.drives.filter(({ medium }) => medium.kind === 'image');
  return {
    ...settings,
    source: form.source === 'files' && !isFirst ? 'files' : 'drives',
    ...(isFirst && { screen: 'VGA', bootOrder: orderOf(proposal.bootOrder) }),
    drives: putIn(settings.drives, blank, given),
  };
}

/** The file was taken back. */
export function withoutItem(form: NewVmForm, item: number): NewVmForm {
  const keep = <T extends { fromItem?: number }>(one: T | undefined) => (one?.fromItem === item ? undefined : one);
  return {
    ...form,
    kernel: keep(form.kernel),
    initrd: keep(form.initrd),
    rom: keep(form.rom),
    drives: form.drives.filter(({ fromItem }) => fromItem !== item),
  };
}

function hasOwn({ kernel, rom, drives }: NewVmForm): boolean {
  return kernel !== undefined || rom !== undefined || drives.some(({ medium }) => medium !== undefined);
}

function suggestedName({ name, suggestion }: NewVmForm, guestOs: string, freeName: (base: string) => string) {
  if (name !== suggestion) return {};
  const word =
    guestOs === 'Unknown'
      ? 'vm'
      : guestOs
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, '-')
          .replace(/^-|-$/g, '');
  const fresh = freeName(nameProblem(`${word}-1`) ? 'vm' : word);
  return { name: fresh, suggestion: fresh };
}

function orderOf(order: readonly string[]): string {
  return BOOT_ORDERS.find(({ order: [first] }) => first === order[0])?.key ?? BOOT_ORDERS[0].key;
}

function newKey(): string {
  return crypto.randomUUID();
}

/** Files that are dropped on the VM later reach it by a CD drive. */
function withCd(drives: readonly DriveForm[]): DriveForm[] {
  return drives.some(({ model }) => model === 'ide-cd') ? [...drives] : [...drives, { key: newKey(), model: 'ide-cd' }];
}

/** Into drives of its kind that are empty, or into new ones. */
function putIn(drives: readonly DriveForm[], proposed: readonly ProposedDrive[], given: GivenImage): DriveForm[] {
  const all = [...drives];
  for (const { model, medium } of proposed) {
    if (medium.kind === 'blank') {
      all.push({ key: newKey(), model, sizeMiB: String(medium.sizeMiB), fromItem: given.item });
      continue;
    }
    const spec = imageMedium(given, medium.padTo);
    const filled = {
      model,
      medium: { spec, size: Math.max(given.contents.size, medium.padTo ?? 0) },
      fromItem: given.item,
    };
    const empty = all.findIndex((drive) => drive.model === model && model !== 'ide-hd' && !drive.medium);
    if (empty < 0) all.push({ key: newKey(), ...filled });
    else all[empty] = { ...all[empty], ...filled };
  }
  return all;
}
