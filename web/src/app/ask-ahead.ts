// Asks for what the first view will ask for, while its script is still on its way: who is signed in, their list, and in the
// demo the phone.
import type { QueryClient } from '@tanstack/react-query';
import { startOptions } from '../lib/start.ts';
import { useScreen } from '../lib/store.ts';
import { meOptions } from './me.ts';
import { isInbox } from './router.tsx';
import { PhoneDrawer } from './shell.tsx';

export async function askAhead(client: QueryClient): Promise<void> {
  const { pathname, search } = window.location;
  const asking = client.fetchQuery(meOptions);
  // It never fails: nobody waits for it where nobody is signed in.
  const starting = client.prefetchQuery(startOptions);
  const inbox = isInbox(pathname) ? await import('../features/conversations/queries.ts') : null;
  const me = await asking;
  if (!me?.workspace) return;
  const list = me.permissions.includes('conversations:read') ? inbox : null;
  await Promise.all([list?.askForList(client, new URLSearchParams(search)), askForPhone(client, starting)]);
}

async function askForPhone(client: QueryClient, starting: Promise<void>): Promise<void> {
  await starting;
  const isDemo = client.getQueryData(startOptions.queryKey)?.demo;
  if (useScreen.getState().phoneOpen === false || !isDemo) return;
  const [{ askForHandset }] = await Promise.all([
    import('../features/phone/queries.ts'),
    PhoneDrawer.preload(),
  ]);
  await askForHandset(client);
}
