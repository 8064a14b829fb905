// Addresses that came from outside: which one the member is asked about, and which they no longer are.
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';

/** The hosts whose addresses this member opens without being asked, on this device. */
export const useKnownHosts = create<{ readonly hosts: readonly string[] }>()(
  persist(() => ({ hosts: [] as readonly string[] }), {
    name: 'parley.known-hosts',
    version: 0,
    storage: createJSONStorage(() => localStorage),
  }),
);
export const useAskedLink = create<{ readonly url: URL | null }>(() => ({ url: null }));
