// The files that the user gives to the New VM dialog, each on its way from a name to what it is.
import { useEffect, useRef, useState } from 'react';
import type { UnpackProgress } from '../../workers/unpack/unpack-job.ts';
import type { ZipMember } from '../../workers/unpack/zip.ts';
import { type IdentifiedImage, identify } from '../media/identify.ts';
import type { PickedFile } from '../media/picked-file.ts';
import { canBeForced, type GivenImage, isLoadedWhole, isTaken } from './apply-image.ts';

export type ImageStage =
  | { kind: 'reading' }
  | { kind: 'unpacking'; progress: UnpackProgress }
  | { kind: 'choosing'; members: readonly ZipMember[]; choose(name: string): void }
  | { kind: 'known'; found: IdentifiedImage; isUsed: boolean }
  | { kind: 'failed'; message: string };

export interface ImageItem {
  id: number;
  name: string;
  /** Bytes. */
  size: number;
  stage: ImageStage;
}

interface ImageFiles {
  items: readonly ImageItem[];
  add(files: readonly PickedFile[]): void;
  /** Ends what is done with it. */
  remove(id: number): void;
  /** It is to be used although it has problems. */
  force(id: number): void;
}

/**
 * @param onKnown it can be used; called later too, so it must not depend on what was shown when it was given
 * @param onRemoved it was taken back
 */
export function useImageFiles(onKnown: (given: GivenImage) => void, onRemoved: (item: number) => void): ImageFiles {
  const [items, setItems] = useState<readonly ImageItem[]>([]);
  const running = useRef(new Map<number, AbortController>());
  const count = useRef(0);
  useEffect(() => {
    const all = running.current;
    return () => {
      for (const controller of all.values()) controller.abort();
    };
  }, []);

  const stage = (id: number, next: ImageStage) =>
    setItems((now) => now.map((item) => (item.id === id ? { ...item, stage: next } : item)));

  async function look(id: number, file: File): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    running.current.set(id, controller);
    try {
      const found = await identify(
        { name: file.name, contents: file },
        {
          signal,
          onProgress: (progress) => !signal.aborted && stage(id, { kind: 'unpacking', progress }),
          choose: (members) =>
            new Promise((resolve, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason));
              const choose = (name: string) => {
                stage(id, { kind: 'reading' });
                resolve(name);
              };
              stage(id, { kind: 'choosing', members, choose });
            }),
        },
      );
      const bytes = isLoadedWhole(found.image) ? new Uint8Array(await found.contents.arrayBuffer()) : undefined;
      if (signal.aborted) return;
      const isUsed = isTaken(found);
      stage(id, { kind: 'known', found, isUsed });
      if (isUsed) onKnown({ ...found, item: id, bytes });
    } catch (error) {
      if (!signal.aborted) stage(id, { kind: 'failed', message: (error as Error).message });
    } finally {
      running.current.delete(id);
    }
  }

  return {
    items,
    add(files) {
      for (const { file } of files) {
        const id = ++count.current;
        setItems((now) => [...now, { id, name: file.name, size: file.size, stage: { kind: 'reading' } }]);
        void look(id, file);
      }
    },
    remove(id) {
      running.current.get(id)?.abort();
      setItems((now) => now.filter((item) => item.id !== id));
      onRemoved(id);
    },
    force(id) {
      const item = items.find((one) => one.id === id);
      if (item?.stage.kind !== 'known' || !canBeForced(item.stage.found)) return;
      stage(id, { ...item.stage, isUsed: true });
      onKnown({ ...item.stage.found, item: id });
    },
  };
}

/** Why the VM cannot be created as long as the files are as they are, as a sentence; undefined if it can. */
export function filesProblem(items: readonly ImageItem[]): string | undefined {
  for (const { name, stage } of items) {
    if (stage.kind === 'reading') return `${name} is being read.`;
    if (stage.kind === 'unpacking') return `${name} is being unpacked.`;
    if (stage.kind === 'choosing') return `Choose which file of ${name} is meant.`;
    if (stage.kind === 'failed' || !stage.isUsed) return `${name} cannot be used: remove it.`;
  }
  return undefined;
}
