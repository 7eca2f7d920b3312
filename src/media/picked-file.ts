// Files as users give them to the console: dropped, alone or in folders, or chosen by a button.

import type { PickedFile } from '../state/view.ts';

export type { PickedFile };

/** Files of one drop that are taken; a CD has room for no more. */
const MOST_FILES = 60_000;

export function carriesFiles(transfer: DataTransfer): boolean {
  return transfer.types.includes('Files');
}

/** To be called in the event itself: afterwards the browser forgets what was dropped. Rejects when a folder cannot be read. */
export async function droppedFiles(transfer: DataTransfer): Promise<PickedFile[]> {
  const dropped = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files: PickedFile[] = [];
  for (const one of dropped) {
    if (one instanceof File) files.push({ path: one.name, file: one });
    else if (one) await collect(one, files);
  }
  return files;
}

export function chosenFiles(list: FileList | null): PickedFile[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function collect(entry: FileSystemEntry, files: PickedFile[]): Promise<void> {
  if (files.length >= MOST_FILES) throw new Error(`These are more than ${MOST_FILES} files.`);
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, (error) => reject(unreadable(path, error))),
    );
    files.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives a folder's entries in several portions, an empty one last.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, (error) => reject(unreadable(path, error))),
    );
    if (entries.length === 0) return;
    for (const child of entries) await collect(child, files);
  }
}

function unreadable(path: string, { message }: DOMException): Error {
  return new Error(`${path} cannot be read: ${message}`);
}
