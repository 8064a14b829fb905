// Asks who is signed in.
import type { Me } from '@parley/contract/tenancy';
import { queryOptions } from '@tanstack/react-query';
import { ApiError, api, chooseWorkspace } from '../lib/api.ts';
import { knowsSomebody } from '../lib/offline/kept-answers.ts';
import { queryKeys } from '../lib/query.ts';
import { setScreen, useScreen } from '../lib/store.ts';

/** @returns null for nobody */
async function readMe(signal: AbortSignal): Promise<Me | null> {
  try {
    // The sign-in library tells a stranger so without an error, which a browser would write into its console.
    if (!knowsSomebody() && (await api.get('/api/auth/get-session', { signal })) === null) return null;
    return await api.get<Me>('/api/v1/auth/me', { signal });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return null;
    // Chosen another time, perhaps by somebody else: whoever is here now has no part in it, and may have one elsewhere.
    if (error.status !== 404 || useScreen.getState().workspaceId === null) throw error;
    setScreen({ workspaceId: null });
    chooseWorkspace(null);
    return readMe(signal);
  }
}

/** Null for nobody. */
export const meOptions = queryOptions({
  queryKey: queryKeys.me,
  queryFn: ({ signal }) => readMe(signal),
});
