// The files that are on their way to the assistant. They go on while another page is looked at, two at a time.
import type { TrainingData } from '@parley/contract/training-data';
import { create } from 'zustand';
import { ApiError, newIdempotencyKey } from '../../lib/api.ts';
import { upload } from '../../lib/upload.ts';
import { sourcesPath } from './knowledge-queries.ts';

export interface Upload {
  readonly key: string;
  readonly file: File;
  /** `known`: the server had it already. What is taken is none any more: it stands among the sources. */
  readonly state: 'waiting' | 'sending' | 'failed' | 'known';
  /** Of what was sent, from 0 to 1. */
  readonly progress: number;
  /** Why it failed: the server's code and sentence, or neither where nobody answered. */
  readonly code: string | null;
  readonly message: string | null;
  /** What it is known as. */
  readonly source: TrainingData | null;
}

/** Where they go, and who is told of what the server took. */
export interface UploadPlace {
  /** False: they are held back. */
  readonly live: boolean;
  readonly onTaken: (source: TrainingData) => void;
}

const sentAtOnce = 2;

export const useUploads = create<{ items: readonly Upload[] }>(() => ({ items: [] }));

const running = new Map<string, AbortController>();
const places = new Map<string, UploadPlace>();

const change = (key: string, part: Partial<Upload>): void =>
  useUploads.setState(({ items }) => ({
    items: items.map((item) => (item.key === key ? { ...item, ...part } : item)),
  }));

export function addUploads(files: readonly File[], place: UploadPlace): void {
  const added = files.map((file): Upload => {
    const key = newIdempotencyKey();
    places.set(key, place);
    return { key, file, state: 'waiting', progress: 0, code: null, message: null, source: null };
  });
  useUploads.setState(({ items }) => ({ items: [...items, ...added] }));
  sendNext();
}

/** Stops it if it is under way, and forgets it. */
export function dropUpload(key: string): void {
  running.get(key)?.abort();
  running.delete(key);
  places.delete(key);
  useUploads.setState(({ items }) => ({ items: items.filter((item) => item.key !== key) }));
  sendNext();
}

export function uploadAgain(key: string): void {
  change(key, { state: 'waiting', progress: 0, code: null, message: null });
  sendNext();
}

function sendNext(): void {
  for (const item of useUploads.getState().items) {
    if (running.size >= sentAtOnce) return;
    const place = places.get(item.key);
    if (item.state === 'waiting' && place) void send(item, place);
  }
}

async function send({ key, file }: Upload, { live, onTaken }: UploadPlace): Promise<void> {
  const controller = new AbortController();
  running.set(key, controller);
  change(key, { state: 'sending', progress: 0 });
  const path = `${sourcesPath}/files` as const;
  try {
    const { result, isNew } = await upload<TrainingData>(live ? path : `${path}?live=false`, file, {
      onProgress: (progress) => change(key, { progress }),
      signal: controller.signal,
    });
    running.delete(key);
    if (isNew) {
      onTaken(result);
      return dropUpload(key);
    }
    change(key, { state: 'known', source: result });
  } catch (error) {
    if (controller.signal.aborted) return;
    running.delete(key);
    const { code, message } = error instanceof ApiError ? error : { code: null, message: null };
    change(key, { state: 'failed', code, message });
  }
  sendNext();
}
