// Connects whoever is signed in to what happens, once the first view is asked for: what is on the screen is read anew when
// the connection stands, so that nothing is missed.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { useSession } from '../lib/session.ts';

/** Call it once, where somebody is signed in. */
export function useLiveConnection(): void {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { user, workspace } = useSession();
  const userId = user.id;
  const workspaceId = workspace.id;

  useEffect(() => {
    let hangUp: (() => void) | null = null;
    let isOver = false;
    const begin = async () => {
      const { connect } = await import('./connection.ts');
      if (isOver) return;
      hangUp = connect(client, userId, workspaceId, (id) => navigate(`/inbox/${id}`));
    };
    // Without a network, and on the very first visit, its file is not there yet.
    const tryAgain = () =>
      window.addEventListener('online', () => void begin().catch(tryAgain), { once: true });
    begin().catch(tryAgain);
    return () => {
      isOver = true;
      hangUp?.();
    };
  }, [client, userId, workspaceId, navigate]);
}
