// Makes an element take files that are dropped on it.
import { type DragEvent, useState } from 'react';
import { carriesFiles, droppedFiles, type PickedFile } from './picked-file.ts';

export interface FileDropHandlers {
  onDragOver(event: DragEvent): void;
  onDragLeave(event: DragEvent): void;
  onDrop(event: DragEvent): void;
}

interface DropTarget {
  /** Files hang over it. */
  isOver: boolean;
  handlers: FileDropHandlers;
}

/** The innermost element under the pointer takes them. @param onFailure a folder could not be read */
export function useFileDrop(onFiles: (files: PickedFile[]) => void, onFailure: (reason: string) => void): DropTarget {
  const [isOver, setOver] = useState(false);
  return {
    isOver,
    handlers: {
      onDragOver(event) {
        if (event.defaultPrevented || !carriesFiles(event.dataTransfer)) {
          setOver(false);
          return;
        }
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      },
      onDragLeave(event) {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      },
      onDrop(event) {
        setOver(false);
        if (event.defaultPrevented || !carriesFiles(event.dataTransfer)) return;
        event.preventDefault();
        droppedFiles(event.dataTransfer).then(
          (files) => files.length > 0 && onFiles(files),
          (error: Error) => onFailure(error.message),
        );
      },
    },
  };
}
