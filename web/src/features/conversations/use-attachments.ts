// Files that will go out with the next message: uploaded while it is written, with a number to watch and a way to stop.
import type { Message } from '@parley/contract/messages';
import { useEffect, useRef, useState } from 'react';
import { newIdempotencyKey } from '../../lib/api.ts';
import { errorInWords } from '../../lib/error-words.ts';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { toast } from '../../ui/toast.tsx';
import { composeTexts } from './texts-compose.ts';

/** The server takes no larger file, and no more of them in a message. */
const bytesMax = 5 * 1024 * 1024;
const countMax = 10;

export interface Attachment {
  readonly key: string;
  readonly name: string;
  readonly bytes: number;
  /** From 0 to 1. */
  readonly progress: number;
  /** Set once the server has it. */
  readonly mediumId: string | null;
}

export interface Attachments {
  readonly items: readonly Attachment[];
  /** Of what is uploaded. */
  readonly ids: readonly string[];
  readonly isBusy: boolean;
  add(files: readonly File[]): void;
  remove(key: string): void;
  /** Hands them over to a message, and begins anew. */
  take(): string[];
}

export function useAttachments(): Attachments {
  const texts = useTexts(composeTexts);
  const { workspace } = useSession();
  const [items, setItems] = useState<readonly Attachment[]>([]);
  const uploads = useRef(new Map<string, XMLHttpRequest>());
  useEffect(() => {
    const running = uploads.current;
    return () => {
      for (const upload of running.values()) upload.abort();
    };
  }, []);

  const change = (key: string, part: Partial<Attachment>) =>
    setItems((before) => before.map((item) => (item.key === key ? { ...item, ...part } : item)));
  const remove = (key: string) => {
    uploads.current.get(key)?.abort();
    uploads.current.delete(key);
    setItems((before) => before.filter((item) => item.key !== key));
  };
  const upload = (file: File) => {
    const key = newIdempotencyKey();
    setItems((before) => [
      ...before,
      { key, name: file.name, bytes: file.size, progress: 0, mediumId: null },
    ]);
    // fetch does not tell how much has gone out.
    const request = new XMLHttpRequest();
    uploads.current.set(key, request);
    request.open('POST', '/api/v1/media');
    request.setRequestHeader('x-workspace-id', workspace.id);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) =>
      change(key, { progress: total > 0 ? loaded / total : 0 });
    request.onload = () => {
      uploads.current.delete(key);
      if (request.status === 201) {
        const medium: Message['media'][number] = request.response;
        return change(key, { progress: 1, mediumId: medium.id });
      }
      const error: { code: string; message: string } | undefined = request.response?.error;
      fail(error && errorInWords(error.code, error.message));
    };
    request.onerror = () => fail();
    const fail = (reason?: string) => {
      remove(key);
      toast({ text: [texts.uploadFailed(file.name), reason].filter(Boolean).join(' '), tone: 'danger' });
    };
    const form = new FormData();
    form.append('file', file);
    request.send(form);
  };
  return {
    items,
    ids: items.flatMap(({ mediumId }) => mediumId ?? []),
    isBusy: items.some(({ mediumId }) => mediumId === null),
    add: (files) => {
      if (items.length + files.length > countMax) toast({ text: texts.tooMany, tone: 'danger' });
      for (const file of files.slice(0, countMax - items.length)) {
        if (file.size > bytesMax) toast({ text: texts.tooBig(file.name), tone: 'danger' });
        else upload(file);
      }
    },
    remove,
    take: () => {
      setItems([]);
      return items.flatMap(({ mediumId }) => mediumId ?? []);
    },
  };
}
