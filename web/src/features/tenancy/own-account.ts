// The member's account as the sign-in library keeps it.
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';

interface OwnAccount {
  readonly email: string;
  readonly emailVerified: boolean;
}

export function useOwnAccount() {
  return useQuery({
    queryKey: queryKeys.ownAccount,
    queryFn: async ({ signal }) => {
      const session = await api.get<{ user: OwnAccount } | null>('/api/auth/get-session', { signal });
      return session?.user ?? null;
    },
  });
}
