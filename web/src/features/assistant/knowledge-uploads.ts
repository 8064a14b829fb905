// The files that are on their way to the assistant. They go on while another page is looked at, two at a time.
import type { TrainingData } from '@parley/contract/training-data';
import { create } from 'zustand';
import { newIdempotencyKey, tellSignedOut } from '../../lib/api.ts';
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
  readonly workspaceId: string;
  /** False: they are held back. */
  readonly live: boolean;
  readonly onTaken: (source: TrainingData) => void;
}

const sentAtOnce = 2;

export const useUploads = create<{ items: readonly Upload[] }>(() => ({ items: [] }));

const running = new Map<string, XMLHttpRequest>();
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
  for (const upload of useUploads.getState().items) {
    if (running.size >= sentAtOnce) return;
    const place = places.get(upload.key);
    if (upload.state === 'waiting' && place) send(upload, place);
  }
}

function send({ key, file }: Upload, { workspaceId, live, onTaken }: UploadPlace): void {
  // fetch does not tell how much has gone out.
  const request = new XMLHttpRequest();
  running.set(key, request);
  change(key, { state: 'sending', progress: 0 });
  request.open('POST', live ? `${sourcesPath}/files` : `${sourcesPath}/files?live=false`);
  request.setRequestHeader('accept', 'application/json');
  request.setRequestHeader('x-workspace-id', workspaceId);
  request.responseType = 'json';
  request.upload.onprogress = ({ loaded, total }) =>
    change(key, { progress: total > 0 ? loaded / total : 0 });
  request.onload = () => {
    running.delete(key);
    if (request.status === 401) tellSignedOut();
    if (request.status === 201) {
      onTaken(request.response as TrainingData);
      return dropUpload(key);
    }
    if (request.status === 200) change(key, { state: 'known', source: request.response as TrainingData });
    else change(key, { state: 'failed', ...refusalOf(request.response) });
    sendNext();
  };
  request.onerror = () => {
    running.delete(key);
    change(key, { state: 'failed' });
    sendNext();
  };
  const form = new FormData();
  form.append('file', file);
  request.send(form);
}

/** What stands between us and the server may answer in a shape of its own. */
function refusalOf(response: unknown): Pick<Upload, 'code' | 'message'> {
  const { error } = (response ?? {}) as { error?: { code?: string; message?: string } };
  return { code: error?.code ?? null, message: error?.message ?? null };
}
