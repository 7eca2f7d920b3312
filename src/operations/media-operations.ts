// Media of a VM's drives: put in and taken out, each as a task on the host where the VM is.
import type { DriveStatus, MediumSpec, VmStatus } from '../../engine/host/api.ts';
import { identify } from '../media/identify.ts';
import { imageMedium, paddedSize } from '../media/image-medium.ts';
import { cdOfFiles } from '../media/made-cd.ts';
import type { PickedFile } from '../media/picked-file.ts';
import { recognizeImage } from '../media/recognize-image.ts';
import { apiOf } from '../session/connections.ts';
import { dropTopic } from '../state/notices.ts';
import { notify, update, useConsole } from '../state/store.ts';
import { openDialog } from './view-operations.ts';
import { onHost } from './vm-operations.ts';

/** What a drive takes. */
export type DriveKind = 'disk' | 'cd' | 'floppy';

export function driveKind(model: string): DriveKind {
  if (model === 'ide-cd') return 'cd';
  return model === 'floppy' ? 'floppy' : 'disk';
}

export async function insertMedium(vmId: string, drive: number, medium: MediumSpec): Promise<void> {
  const insert = (hostId: string) => apiOf(hostId).insertMedium(vmId, drive, medium);
  await onHost(`Insert ${medium.name}`, vmId, insert, { topic: topicOf(drive) });
}

/** What is tried with a drive, whatever the medium: the next attempt makes the last one's failure a thing of the past. */
function topicOf(drive: number): string {
  return `Medium of drive ${drive}`;
}

/** How long a guest that has locked its drive has to let go of the medium, and how often it is asked whether it has. ms */
const LET_GO = { limit: 6000, step: 500 };

/** Unless it is forced, a guest that has locked the drive is asked; if it does not let go, the user is. */
export async function ejectMedium(vmId: string, drive: number, force: boolean): Promise<void> {
  let isLocked = false;
  const eject = async (hostId: string) => {
    isLocked = !(await apiOf(hostId).ejectMedium(vmId, drive, force)) && !(await letsGo(hostId, vmId, drive));
  };
  await onHost(force ? 'Eject by force' : 'Eject', vmId, eject, { topic: topicOf(drive) });
  if (isLocked) openDialog({ kind: 'confirm', what: 'force-eject', vmId, drive });
}

/** Waits until the guest has ejected the medium by itself. False if it has not. */
async function letsGo(hostId: string, vmId: string, drive: number): Promise<boolean> {
  for (let waited = 0; waited < LET_GO.limit; waited += LET_GO.step) {
    await new Promise((resolve) => setTimeout(resolve, LET_GO.step));
    const { vms } = await apiOf(hostId).status();
    if (!vms.find(({ id }) => id === vmId)?.drives?.[drive]?.medium) return true;
  }
  return false;
}

/**
 * Into this drive: an image of its kind, or, where it takes CDs, a CD made of the files. What cannot be done is said at the VM.
 * Never rejects.
 */
export async function insertFiles(vmId: string, drive: number, files: readonly PickedFile[]): Promise<void> {
  const vm = useConsole.getState().fleet.vms[vmId];
  const model = vm?.drives?.[drive]?.model;
  if (model === undefined) return;
  const topic = `${topicOf(drive)} ${vmId}`;
  update('notices', (notices) => dropTopic(notices, topic));
  try {
    await insertMedium(vmId, drive, await mediumFor(driveKind(model), files));
  } catch (error) {
    refused(vm, (error as Error).message, topic);
  }
}

/** What was dropped on the VM and on none of its drives. Never rejects. */
export async function giveFiles(vmId: string, files: readonly PickedFile[]): Promise<void> {
  const vm = useConsole.getState().fleet.vms[vmId];
  if (!vm) return;
  const drive = driveFor(vm.drives ?? []);
  if (drive === undefined)
    refused(vm, `${vm.name} has no CD drive, by which files reach it. Give a VM one when you create it.`);
  else await insertFiles(vmId, drive, files);
}

/** The first CD drive that is empty, or else the first. */
function driveFor(drives: readonly DriveStatus[]): number | undefined {
  const cds = drives.map(({ model }, n) => (driveKind(model) === 'cd' ? n : -1)).filter((n) => n >= 0);
  return cds.find((n) => !drives[n].medium) ?? cds.at(0);
}

async function mediumFor(kind: DriveKind, files: readonly PickedFile[]): Promise<MediumSpec> {
  const [first, ...others] = files;
  if (!first) throw new Error('No file was chosen.');
  const single = others.length === 0 && !first.path.includes('/');
  if (kind === 'cd') return (single && (await cdImage(first.file))) || cdOfFiles(files, Date.now());
  if (!single)
    throw new Error(`A drive takes one image of a ${WORDS[kind]}. Other files reach the guest by a CD drive.`);
  return diskImage(kind, first.file);
}

const WORDS = { disk: 'disk', floppy: 'floppy disk' };

/** Other files, packed ones too, are for the guest: they are put on a CD. */
async function cdImage(file: File): Promise<MediumSpec | undefined> {
  const image = await recognizeImage(file.name, file);
  return image.kind === 'cd' ? imageMedium({ name: file.name, contents: file }) : undefined;
}

async function diskImage(kind: 'disk' | 'floppy', file: File): Promise<MediumSpec> {
  const choose = async () => {
    throw new Error(`${file.name} holds several files. Unpack it first.`);
  };
  const found = await identify({ name: file.name, contents: file }, { choose });
  if (found.image.kind === kind) return imageMedium(found, paddedSize(found.image));
  const why = found.image.problems.find(({ blocks }) => blocks)?.text;
  throw new Error(`${file.name} is no image of a ${WORDS[kind]}: ${found.image.title}.${why ? ` ${why}` : ''}`);
}

function refused({ id, name }: VmStatus, reason: string, topic?: string): void {
  notify('warning', `Nothing was put into a drive of ${name}`, reason, id, topic);
}
