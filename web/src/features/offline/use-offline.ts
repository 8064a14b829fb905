// Opens what is kept on this device for whoever is signed in: what waits to be sent, and what was read lately.
import { useEffect } from 'react';
import { enterKeptAnswers } from '../../lib/offline/kept-answers.ts';
import { openOutbox } from '../../lib/offline/outbox.ts';
import { useSession } from '../../lib/session.ts';

/** Call it once, where somebody is signed in. */
export function useOffline(): void {
  const { user, workspace } = useSession();
  const userId = user.id;
  const workspaceId = workspace.id;
  useEffect(() => {
    const scope = { userId, workspaceId };
    void enterKeptAnswers(scope);
    return openOutbox(scope);
  }, [userId, workspaceId]);
}
