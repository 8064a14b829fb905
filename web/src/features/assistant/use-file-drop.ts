// Files that are dropped anywhere on the page. Without it a browser would leave the app and show the file instead.
import { useEffect, useRef, useState } from 'react';

export interface DroppedFiles {
  readonly files: readonly File[];
  /** Folders came with them, and were left. */
  readonly hadFolders: boolean;
}

/** @returns whether files are held over the page */
export function useFileDrop(onDrop: (dropped: DroppedFiles) => void, enabled: boolean): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onDrop);
  useEffect(() => {
    latest.current = onDrop;
  });
  useEffect(() => {
    if (!enabled) return;
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      // Between two elements of the page it is still over it.
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      latest.current(filesOf(event.dataTransfer));
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, [enabled]);
  return isOver;
}

function filesOf({ items, files }: DataTransfer): DroppedFiles {
  const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry?.()?.isDirectory === true;
  const given = [...(items ?? [])].filter(({ kind }) => kind === 'file');
  if (!given.some(isFolder)) return { files: [...files], hadFolders: false };
  const left = given.filter((item) => !isFolder(item)).flatMap((item) => item.getAsFile() ?? []);
  return { files: left, hadFolders: true };
}
