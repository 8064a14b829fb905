// Renders a component as it stands in the app: queries, tooltips, toasts, an address and, when asked, a member.
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { ReactElement, ReactNode } from 'react';
import { MemoryRouter } from 'react-router';
import { createQueryClient } from '../src/lib/query.ts';
import { type Session, SessionContext } from '../src/lib/session.ts';
import { UiProvider } from '../src/ui/provider.tsx';

export interface RenderOptions {
  readonly path?: string;
  /** What the signed-in member may do; without it nobody is signed in. */
  readonly permissions?: readonly string[];
}

/** Look for what it shows with `screen`. */
export function renderInApp(element: ReactElement, { path = '/', permissions }: RenderOptions = {}) {
  const queries = createQueryClient();
  queries.setDefaultOptions({ queries: { retry: false } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>
      <UiProvider>
        <MemoryRouter initialEntries={[path]}>
          <SessionContext value={permissions ? sessionWith(permissions) : null}>{children}</SessionContext>
        </MemoryRouter>
      </UiProvider>
    </QueryClientProvider>
  );
  const { rerender, unmount, container } = render(element, { wrapper });
  return { user: userEvent.setup(), rerender, unmount, container };
}

function sessionWith(permissions: readonly string[]): Session {
  const user = { id: 'user', name: 'Ada Lovelace', email: 'ada@example.com' };
  const workspace = {
    id: '01990000-0000-7000-8000-000000000001',
    name: 'Harbour Bakery',
    role: 'agent' as const,
    ownRole: null,
  };
  return {
    me: {
      kind: 'member',
      user,
      apiKey: null,
      workspace,
      workspaces: [workspace],
      permissions: [...permissions],
      needsSecondFactor: false,
      byCompany: false,
    },
    user,
    workspace,
    permissions: new Set(permissions),
    signOut: async () => undefined,
    switchWorkspace: () => undefined,
  };
}
