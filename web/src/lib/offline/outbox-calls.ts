// Makes the outbox's calls, and says in its words what they came to.
import type { Me } from '@parley/contract/tenancy';
import { ApiError, api } from '../api.ts';
import type { Attempt, StoredEntry } from './outbox-queue.ts';

/** Answers that a later call may not get: in too much of a hurry, or too many at once. */
const laterStatuses = [408, 425, 429];

export async function callForOutbox({ id, method, path, body }: StoredEntry): Promise<Attempt> {
  const options = { idempotencyKey: id };
  try {
    if (method === 'DELETE') return { kind: 'sent', answer: await api.delete<unknown>(path, options) };
    if (method === 'PUT') return { kind: 'sent', answer: await api.put<unknown>(path, body, options) };
    if (method === 'PATCH') return { kind: 'sent', answer: await api.patch<unknown>(path, body, options) };
    return { kind: 'sent', answer: await api.post<unknown>(path, body, options) };
  } catch (error) {
    if (!(error instanceof ApiError)) return { kind: 'unreachable' };
    const { status, code, message } = error;
    const retryAfterMs = error.retryAfterMs ?? 0;
    if (status === 401) return { kind: 'hold' };
    if (laterStatuses.includes(status)) return { kind: 'unreachable', retryAfterMs };
    if (status >= 500) return { kind: 'failed', refusal: { code, message }, retryAfterMs };
    return { kind: 'refused', refusal: { code, message } };
  }
}

/** Whose session this browser has now: somebody else may have signed in, in another tab, while the words waited. */
export async function findsUser(userId: string): Promise<'same' | 'hold' | 'unreachable'> {
  try {
    const me = await api.get<Me>('/api/v1/auth/me');
    return me.user?.id === userId ? 'same' : 'hold';
  } catch (error) {
    return error instanceof ApiError && error.status === 401 ? 'hold' : 'unreachable';
  }
}
