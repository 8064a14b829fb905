// Files that will be shown with the next message: uploaded while it is written, with a number to watch and a way to stop.
import { type ChatFile, chatFilesMax } from '@parley/contract/chat';
import { useEffect, useRef, useState } from 'react';
import { ApiError, api, newIdempotencyKey } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { upload } from '../../lib/upload.ts';
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
  const [items, setItems] = useState<readonly ChatUpload[]>([]);
  const running = useRef(new Map<string, AbortController>());
  useEffect(() => {
    const controllers = running.current;
    return () => {
      for (const controller of controllers.values()) controller.abort();
    };
  }, []);

  const change = (key: string, part: Partial<ChatUpload>) =>
    setItems((before) => before.map((item) => (item.key === key ? { ...item, ...part } : item)));
  const drop = (key: string) => {
    running.current.get(key)?.abort();
    running.current.delete(key);
    setItems((before) => before.filter((item) => item.key !== key));
  };
  const send = async (file: File) => {
    const key = newIdempotencyKey();
    setItems((before) => [...before, { key, name: file.name, progress: 0, file: null }]);
    const controller = new AbortController();
    running.current.set(key, controller);
    try {
      const { result } = await upload<ChatFile>(chatFilesPath, file, {
        onProgress: (progress) => change(key, { progress }),
        signal: controller.signal,
      });
      running.current.delete(key);
      change(key, { progress: 1, file: result });
    } catch (error) {
      if (controller.signal.aborted) return;
      drop(key);
      const reason = error instanceof ApiError ? error.message : '';
      toast({ text: `${texts.uploadFailed(file.name)} ${reason}`.trim(), tone: 'danger' });
    }
  };
  return {
    items,
    isBusy: items.some(({ file }) => file === null),
    add: (files) => {
      const room = chatFilesMax - items.length;
      if (files.length > room) toast({ text: texts.tooMany(chatFilesMax), tone: 'danger' });
      for (const file of files.slice(0, room)) void send(file);
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
