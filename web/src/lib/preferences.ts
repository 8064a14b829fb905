// How the app looks to the member, on every device: the screen changes at once, the server keeps it.
import type { ChangePreferences, Preferences } from '@parley/contract/tenancy';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from './api.ts';
import { queryKeys } from './query.ts';
import { applyPreferences } from './store.ts';

const path = '/api/v1/auth/preferences';

/** Undefined until they are known. */
export function usePreferences(): Preferences | undefined {
  const { data } = useQuery({
    queryKey: queryKeys.preferences,
    queryFn: ({ signal }) => api.get<Preferences>(path, { signal }),
  });
  useEffect(() => {
    if (data) applyPreferences(data);
  }, [data]);
  return data;
}

/** `change({ theme: 'dark' })`; what could not be kept is taken back, and the caller told. */
export function useChangePreferences() {
  const queries = useQueryClient();
  const show = (preferences: Preferences) => {
    queries.setQueryData(queryKeys.preferences, preferences);
    applyPreferences(preferences);
  };
  // A reading under way would bring back what was before.
  const forgetReading = () => queries.cancelQueries({ queryKey: queryKeys.preferences });
  return useMutation({
    mutationFn: (change: ChangePreferences) => api.put<Preferences>(path, change),
    onMutate: async (change) => {
      await forgetReading();
      const before = queries.getQueryData<Preferences>(queryKeys.preferences);
      if (before) show({ ...before, ...change });
      return before;
    },
    onSuccess: async (preferences) => {
      await forgetReading();
      show(preferences);
    },
    onError: (_error, _change, before) => before && show(before),
  });
}
