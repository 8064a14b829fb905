// Brings a model of intents from a file: how much of it is sent, and why it was not taken.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiError } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { uploadBytes } from '../../lib/upload.ts';

export interface ModelUpload {
  readonly state: 'none' | 'sending' | 'failed';
  /** Of what was sent, 0 to 1. */
  readonly progress: number;
  /** Why it failed: the code and sentence; empty where nobody answered. */
  readonly code: string;
  readonly message: string;
}

const none: ModelUpload = { state: 'none', progress: 0, code: '', message: '' };

/** What is taken stands among the versions. Who leaves the page takes the file back. */
export function useModelUpload(): ModelUpload & { send(file: File): void } {
  const client = useQueryClient();
  const [upload, setUpload] = useState(none);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const send = async (file: File) => {
    running.current = new AbortController();
    const { signal } = running.current;
    const onProgress = (progress: number) => setUpload({ ...none, state: 'sending', progress });
    onProgress(0);
    try {
      await uploadBytes('/api/v1/intent-models/file', file, { onProgress, signal });
      setUpload(none);
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = error instanceof ApiError ? error : none;
      setUpload({ ...none, state: 'failed', code, message });
    }
    void client.invalidateQueries({ queryKey: queryKeys.intents });
  };
  return { ...upload, send: (file) => void send(file) };
}
