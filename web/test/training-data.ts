// Training data as the server tells of it, and a stand-in for what sends files in a browser, for component tests.
import type { TrainingData, TrainingDataDetail } from '@parley/contract/training-data';
import { vi } from 'vitest';

const at = '2026-11-20T10:00:00.000Z';

export function aSource(change: Partial<TrainingData> = {}): TrainingData {
  return {
    id: '01990000-0000-7000-8000-0000000000a1',
    kind: 'file',
    title: 'menu.pdf',
    origin: { fileName: 'menu.pdf', contentType: 'application/pdf', bytes: 2048 },
    state: 'ready',
    live: true,
    version: 1,
    progress: null,
    error: null,
    characters: 1200,
    passages: 2,
    language: 'en',
    pagesMax: null,
    depth: null,
    refetchHours: null,
    nextFetchAt: null,
    createdAt: at,
    updatedAt: at,
    readAt: at,
    ...change,
  };
}

export function aSourceDetail(change: Partial<TrainingDataDetail> = {}): TrainingDataDetail {
  return {
    ...aSource(),
    content: null,
    question: null,
    answer: null,
    documents: [
      {
        id: 'document',
        url: null,
        state: 'ready',
        error: null,
        characters: 1200,
        passages: 2,
        language: 'en',
        fetchedAt: null,
      },
    ],
    passagesFound: [
      {
        id: 'p1',
        heading: 'Opening hours',
        text: 'We open at nine.',
        language: 'en',
        page: 1,
        documentId: 'document',
      },
      {
        id: 'p2',
        heading: 'Delivery',
        text: 'It costs three euros.',
        language: 'en',
        page: 2,
        documentId: 'document',
      },
    ],
    ...change,
  };
}

/** A file on its way, as a browser tells of it. */
export interface SentFile {
  readonly name: string;
  readonly path: string;
  readonly isAborted: () => boolean;
  progress(loaded: number, total: number): void;
  answer(status: number, body: unknown): void;
  loseConnection(): void;
}

/** Takes the place of XMLHttpRequest. @returns what is sent, in order */
export function takeUploads(): SentFile[] {
  const sent: SentFile[] = [];
  class Request {
    upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
    onload?: () => void;
    onerror?: () => void;
    status = 0;
    responseText = '';
    path = '';
    aborted = false;
    open(_method: string, path: string) {
      this.path = path;
    }
    setRequestHeader() {}
    getResponseHeader() {
      return null;
    }
    abort() {
      this.aborted = true;
    }
    send(body: FormData | File) {
      const file = body instanceof FormData ? (body.get('file') as File) : body;
      sent.push({
        name: file.name,
        path: this.path,
        isAborted: () => this.aborted,
        progress: (loaded, total) => this.upload.onprogress?.({ loaded, total }),
        answer: (status, body) => {
          this.status = status;
          this.responseText = JSON.stringify(body);
          this.onload?.();
        },
        loseConnection: () => this.onerror?.(),
      });
    }
  }
  vi.stubGlobal('XMLHttpRequest', Request);
  return sent;
}
