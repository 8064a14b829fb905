// Files of a message: pictures of kinds that every browser draws are shown, everything else is saved. They come from our own
// server, never from where a contact says they are.
import type { Message } from '@parley/contract/messages';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { FileDown, FileX } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query.ts';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { toastError } from '../../ui/toast.tsx';
import { threadTexts } from './texts-thread.ts';

type Medium = Message['media'][number];

/** Raster pictures only: nothing that could carry a script. */
const shownTypes = new Set([
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/bmp',
]);

/** @throws an error with a sentence for a person */
async function readFile(id: string, workspaceId: string, signal?: AbortSignal): Promise<Blob> {
  const response = await fetch(`/api/v1/media/${id}`, {
    headers: { 'x-workspace-id': workspaceId },
    credentials: 'same-origin',
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw new Error(`The file could not be read (${response.status}).`);
  return response.blob();
}

export function MediaList({ message }: { message: Message }) {
  if (message.media.length === 0) return null;
  return (
    <span className="flex flex-col gap-1.5">
      {message.media.map((medium) =>
        medium.status === 'stored' && shownTypes.has(medium.contentType) ? (
          <Picture key={medium.id} medium={medium} isInbound={message.direction === 'inbound'} />
        ) : (
          <FileLine key={medium.id} medium={medium} />
        ),
      )}
    </span>
  );
}

function Picture({ medium, isInbound }: { medium: Medium; isInbound: boolean }) {
  const texts = useTexts(threadTexts);
  const { workspace } = useSession();
  const { data, isError } = useQuery({
    queryKey: queryKeys.medium(medium.id),
    queryFn: ({ signal }) => readFile(medium.id, workspace.id, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const address = useObjectUrl(data);
  const [isOpen, setOpen] = useState(false);
  const name = isInbound ? texts.image : texts.sentImage;
  if (isError) return <FileLine medium={{ ...medium, status: 'failed' }} />;
  return (
    <>
      <button
        type="button"
        aria-label={texts.openImage}
        disabled={!address}
        onClick={() => setOpen(true)}
        // As high as it will be, so that the thread does not jump when it comes.
        className="block h-56 min-w-24 max-w-full overflow-hidden rounded-control bg-surface-sunken"
      >
        {address && (
          <img src={address} alt={name} className="h-full max-w-full animate-fade-in object-contain" />
        )}
      </button>
      {address && (
        <Dialog open={isOpen} onOpenChange={setOpen} title={name} size="large">
          <img src={address} alt={name} className="mx-auto max-h-[70dvh] max-w-full rounded-control" />
        </Dialog>
      )}
    </>
  );
}

function useObjectUrl(file: Blob | undefined): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!file) return;
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}

function FileLine({ medium }: { medium: Medium }) {
  const texts = useTexts(threadTexts);
  const format = useFormat();
  const { workspace } = useSession();
  const { id, contentType, bytes, status } = medium;
  const save = async () => {
    try {
      const address = URL.createObjectURL(await readFile(id, workspace.id));
      const link = document.createElement('a');
      link.href = address;
      link.download = `${id}.${contentType.split('/')[1]?.replace(/[^a-z0-9]/g, '') ?? 'bin'}`;
      link.click();
      URL.revokeObjectURL(address);
    } catch (error) {
      toastError(error);
    }
  };
  const isStored = status === 'stored';
  const Icon = isStored ? FileDown : FileX;
  return (
    <button
      type="button"
      disabled={!isStored}
      onClick={() => void save()}
      className={clsx(
        'flex min-h-11 max-w-full items-center gap-2 rounded-control border border-current/20 px-3 py-1.5 text-left text-meta',
        isStored && 'hover:bg-current/5',
      )}
    >
      <Icon size={20} aria-hidden="true" className="shrink-0" />
      <span className="min-w-0">
        <span className="block truncate font-medium">{texts.file(contentType)}</span>
        <span className="block opacity-80" data-figures>
          {status === 'pending' && texts.mediaPending}
          {status === 'failed' && texts.mediaFailed}
          {isStored && (bytes === null ? texts.saveFile : `${texts.saveFile} · ${format.bytes(bytes)}`)}
        </span>
      </span>
    </button>
  );
}
