// Keeps a session in use alive: the server prolongs it, and the cookie with it, when the sign-in library is asked. One that
// is a week old and was never asked about ends.
import { useQuery } from '@tanstack/react-query';
import { api } from '../lib/api.ts';
import { queryKeys } from '../lib/query.ts';

/** The library prolongs a session once a day. */
const againAfterMs = 6 * 3600_000;

/** Call it once, where somebody is signed in: asks at the start, and again and again while the page stays open. */
export function useKeepSession(): void {
  useQuery({
    queryKey: queryKeys.keepSession,
    queryFn: async ({ signal }) => {
      await api.get('/api/auth/get-session', { signal });
      // Not the answer: it has the session's token, which no script needs.
      return true;
    },
    staleTime: againAfterMs,
    refetchInterval: againAfterMs,
    refetchIntervalInBackground: true,
  });
}
