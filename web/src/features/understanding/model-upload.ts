// Brings a model of intents from a file: how much of it is sent, and why it was not taken.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { tellSignedOut } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useSession } from '../../lib/session.ts';

export interface ModelUpload {
  readonly state: 'none' | 'sending' | 'failed';
  /** Of what was sent, 0 to 1. */
  readonly progress: number;
  /** Why it failed: the server's code and sentence; empty where nobody answered. */
  readonly code: string;
  readonly message: string;
}

const none: ModelUpload = { state: 'none', progress: 0, code: '', message: '' };

/** What is taken stands among the versions. Who leaves the page takes the file back. */
export function useModelUpload(): ModelUpload & { send(file: File): void } {
  const client = useQueryClient();
  const { workspace } = useSession();
  const [upload, setUpload] = useState(none);
  const running = useRef<XMLHttpRequest>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const send = (file: File) => {
    // fetch does not tell how much has gone out.
    const request = new XMLHttpRequest();
    running.current = request;
    setUpload({ ...none, state: 'sending' });
    request.open('POST', '/api/v1/intent-models/file');
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('x-workspace-id', workspace.id);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) =>
      setUpload({ ...none, state: 'sending', progress: total > 0 ? loaded / total : 0 });
    request.onload = () => {
      if (request.status === 401) tellSignedOut();
      const { error } = (request.response ?? {}) as { error?: { code?: string; message?: string } };
      setUpload(
        request.status === 201
          ? none
          : { ...none, state: 'failed', code: error?.code ?? '', message: error?.message ?? '' },
      );
      void client.invalidateQueries({ queryKey: queryKeys.intents });
    };
    request.onerror = () => setUpload({ ...none, state: 'failed' });
    request.send(file);
  };
  return { ...upload, send };
}
