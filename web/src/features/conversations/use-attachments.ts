// Files that will go out with the next message: uploaded while it is written, with a number to watch and a way to stop.
import type { Message } from '@parley/contract/messages';
import { useEffect, useRef, useState } from 'react';
import { ApiError, newIdempotencyKey } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { upload } from '../../lib/upload.ts';
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
  const [items, setItems] = useState<readonly Attachment[]>([]);
  const running = useRef(new Map<string, AbortController>());
  useEffect(() => {
    const controllers = running.current;
    return () => {
      for (const controller of controllers.values()) controller.abort();
    };
  }, []);

  const change = (key: string, part: Partial<Attachment>) =>
    setItems((before) => before.map((item) => (item.key === key ? { ...item, ...part } : item)));
  const remove = (key: string) => {
    running.current.get(key)?.abort();
    running.current.delete(key);
    setItems((before) => before.filter((item) => item.key !== key));
  };
  const send = async (file: File) => {
    const key = newIdempotencyKey();
    setItems((before) => [
      ...before,
      { key, name: file.name, bytes: file.size, progress: 0, mediumId: null },
    ]);
    const controller = new AbortController();
    running.current.set(key, controller);
    try {
      const { result } = await upload<Message['media'][number]>('/api/v1/media', file, {
        onProgress: (progress) => change(key, { progress }),
        signal: controller.signal,
      });
      running.current.delete(key);
      change(key, { progress: 1, mediumId: result.id });
    } catch (error) {
      if (controller.signal.aborted) return;
      remove(key);
      const reason = error instanceof ApiError ? error.message : '';
      toast({ text: `${texts.uploadFailed(file.name)} ${reason}`.trim(), tone: 'danger' });
    }
  };
  return {
    items,
    ids: items.flatMap(({ mediumId }) => mediumId ?? []),
    isBusy: items.some(({ mediumId }) => mediumId === null),
    add: (files) => {
      if (items.length + files.length > countMax) toast({ text: texts.tooMany, tone: 'danger' });
      for (const file of files.slice(0, countMax - items.length)) {
        if (file.size > bytesMax) toast({ text: texts.tooBig(file.name), tone: 'danger' });
        else void send(file);
      }
    },
    remove,
    take: () => {
      setItems([]);
      return items.flatMap(({ mediumId }) => mediumId ?? []);
    },
  };
}
