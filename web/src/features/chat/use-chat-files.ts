// Files that will be shown with the next message: uploaded while it is written, with a number to watch and a way to stop.
import { type ChatFile, chatFilesMax } from '@parley/contract/chat';
import { useEffect, useRef, useState } from 'react';
import { api, newIdempotencyKey, tellSignedOut } from '../../lib/api.ts';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { toast } from '../../ui/toast.tsx';
import { chatFilesPath } from './queries.ts';
import { chatTexts } from './texts.ts';

export interface ChatUpload {
  readonly key: string;
  readonly name: string;
  /** From 0 to 1. */
  readonly progress: number;
  /** Set once the server has it. */
  readonly file: ChatFile | null;
}

export interface ChatUploads {
  readonly items: readonly ChatUpload[];
  readonly isBusy: boolean;
  add(files: readonly File[]): void;
  remove(key: string): void;
  /** Hands them over to a message, and begins anew. */
  take(): readonly ChatFile[];
  /** Of a message that could not be sent, or is edited. */
  putBack(files: readonly ChatFile[]): void;
}

const uploaded = (file: ChatFile): ChatUpload => ({ key: file.id, name: file.name, progress: 1, file });

export function useChatFiles(): ChatUploads {
  const texts = useTexts(chatTexts);
  const { workspace } = useSession();
  const [items, setItems] = useState<readonly ChatUpload[]>([]);
  const requests = useRef(new Map<string, XMLHttpRequest>());
  useEffect(() => {
    const running = requests.current;
    return () => {
      for (const request of running.values()) request.abort();
    };
  }, []);

  const change = (key: string, part: Partial<ChatUpload>) =>
    setItems((before) => before.map((item) => (item.key === key ? { ...item, ...part } : item)));
  const drop = (key: string) => {
    requests.current.get(key)?.abort();
    requests.current.delete(key);
    setItems((before) => before.filter((item) => item.key !== key));
  };
  const upload = (file: File) => {
    const key = newIdempotencyKey();
    setItems((before) => [...before, { key, name: file.name, progress: 0, file: null }]);
    // fetch does not tell how much has gone out.
    const request = new XMLHttpRequest();
    requests.current.set(key, request);
    const fail = (reason?: string) => {
      drop(key);
      toast({ text: [texts.uploadFailed(file.name), reason].filter(Boolean).join(' '), tone: 'danger' });
    };
    request.open('POST', chatFilesPath);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('x-workspace-id', workspace.id);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) =>
      change(key, { progress: total > 0 ? loaded / total : 0 });
    request.onload = () => {
      requests.current.delete(key);
      if (request.status === 401) tellSignedOut();
      if (request.status === 201) change(key, { progress: 1, file: request.response as ChatFile });
      else fail((request.response as { error?: { message?: string } } | null)?.error?.message);
    };
    request.onerror = () => fail();
    const form = new FormData();
    form.append('file', file);
    request.send(form);
  };
  return {
    items,
    isBusy: items.some(({ file }) => file === null),
    add: (files) => {
      const room = chatFilesMax - items.length;
      if (files.length > room) toast({ text: texts.tooMany(chatFilesMax), tone: 'danger' });
      for (const file of files.slice(0, room)) upload(file);
    },
    remove: (key) => {
      const file = items.find((item) => item.key === key)?.file;
      drop(key);
      // What was sent with another message stays there; the server knows.
      if (file) void api.delete(`${chatFilesPath}/${file.id}`).catch(() => undefined);
    },
    take: () => {
      setItems([]);
      return items.flatMap(({ file }) => file ?? []);
    },
    putBack: (files) => setItems((before) => [...files.map(uploaded), ...before]),
  };
}
