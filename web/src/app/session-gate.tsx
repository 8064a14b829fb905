// Lets in who is signed in, with what they may do; shows everybody else the sign-in, at whatever address they came to.
import type { Me } from '@parley/contract/tenancy';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Building2 } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { enterWritten, forgetWritten } from '../features/conversations/written.ts';
import { leaveWith, useLeaving } from '../features/offline/leave.ts';
import { api, onSignedOut, tellSignedOut } from '../lib/api.ts';
import { lazyPart } from '../lib/lazy-part.tsx';
import { forgetAnswers } from '../lib/offline/kept-answers.ts';
import { queryKeys } from '../lib/query.ts';
import { type Session, SessionContext } from '../lib/session.ts';
import { useStart } from '../lib/start.ts';
import { setScreen } from '../lib/store.ts';
import { useTexts } from '../lib/texts.ts';
import { Button } from '../ui/button.tsx';
import { useEverOpen } from '../ui/floating.ts';
import { EmptyState, ErrorState } from '../ui/states.tsx';
import { toast } from '../ui/toast.tsx';
import { meOptions } from './me.ts';
import { appTexts } from './texts.ts';

const SignOutQuestion = lazyPart(
  async () => (await import('../features/offline/sign-out-question.tsx')).SignOutQuestion,
);
const AccountAlone = lazy(async () => ({
  default: (await import('../features/tenancy/account-alone.tsx')).AccountAlone,
}));
export const MakeWorkspacePage = lazy(async () => ({
  default: (await import('./make-workspace-page.tsx')).MakeWorkspacePage,
}));
const SecondFactorNeeded = lazy(async () => ({
  default: (await import('../features/tenancy/second-factor-needed.tsx')).SecondFactorNeeded,
}));
const SignInPage = lazy(async () => ({ default: (await import('./sign-in-page.tsx')).SignInPage }));

async function signOut(): Promise<void> {
  await api.post('/api/auth/sign-out', {});
  forgetWritten();
  tellSignedOut();
}

function switchWorkspace(id: string): void {
  setScreen({ workspaceId: id });
  // Loaded anew: nothing of one workspace may be left on the screen of another.
  location.assign('/inbox');
}

export function SessionGate({ children }: { children: ReactNode }) {
  const texts = useTexts(appTexts);
  const queries = useQueryClient();
  const asksToLeave = useEverOpen(useLeaving(({ signOut }) => signOut !== null));
  const { data: me, error, isFetching, refetch } = useQuery(meOptions);

  useEffect(
    () =>
      onSignedOut(() => {
        if (queries.getQueryData(queryKeys.me) === null) return;
        queries.removeQueries({ predicate: (query) => query.queryKey[0] !== queryKeys.me[0] });
        queries.setQueryData(queryKeys.me, null);
      }),
    [queries],
  );

  const isLeaving = useLostWorkspace(me);
  const userId = me?.user?.id;
  // Before anything of theirs is shown.
  useLayoutEffect(() => {
    if (userId !== undefined) enterWritten(userId);
  }, [userId]);

  const session = useMemo<Session | null>(() => {
    if (!me?.user || !me.workspace || me.needsSecondFactor) return null;
    const { user, workspace } = me;
    const permissions = new Set(me.permissions);
    return { me, user, workspace, permissions, signOut: () => leaveWith(signOut), switchWorkspace };
  }, [me]);

  if (isLeaving) return null;
  if (session) {
    return (
      <SessionContext value={session}>
        {children}
        {asksToLeave && (
          <Suspense>
            <SignOutQuestion />
          </Suspense>
        )}
      </SessionContext>
    );
  }
  if (me === null) {
    return (
      <Suspense>
        <SignInPage onSignedIn={() => void refetch()} />
      </Suspense>
    );
  }
  if (me?.needsSecondFactor) {
    return (
      <Suspense>
        <SecondFactorNeeded me={me} onSignOut={() => void signOut()} />
      </Suspense>
    );
  }
  if (error) {
    return (
      <main className="grid h-full place-items-center">
        <ErrorState error={error} title={texts.workspaceUnreadable} onRetry={() => void refetch()} />
      </main>
    );
  }
  if (me) {
    return <NoWorkspace me={me} busy={isFetching} onCheckAgain={() => void refetch()} />;
  }
  return null;
}

interface NoWorkspaceProps {
  me: Me;
  busy: boolean;
  onCheckAgain: () => void;
}

/**
 * Asks to be added, or makes one, where strangers may; the account is theirs all the same, if they came by it and not by the company
 * that has removed them.
 */
function NoWorkspace({ me: { user, byCompany }, busy, onCheckAgain }: NoWorkspaceProps) {
  const texts = useTexts(appTexts);
  const [inAccount, setInAccount] = useState(false);
  const mayMake = useStart()?.signUp && !byCompany;
  if (inAccount) {
    return (
      <Suspense>
        <AccountAlone onBack={() => setInAccount(false)} />
      </Suspense>
    );
  }
  const account = !byCompany && <Button onClick={() => setInAccount(true)}>{texts.account}</Button>;
  if (mayMake) {
    return (
      <Suspense>
        <MakeWorkspacePage first={{ account, onSignOut: () => void signOut() }} />
      </Suspense>
    );
  }
  return (
    <main className="grid h-full place-items-center">
      <EmptyState
        level={1}
        icon={Building2}
        title={texts.noWorkspaceTitle}
        text={texts.noWorkspaceText(user?.email ?? '')}
        action={
          <div className="flex flex-wrap justify-center gap-2">
            <Button variant="primary" busy={busy} onClick={onCheckAgain}>
              {texts.checkAgain}
            </Button>
            {account}
            <Button onClick={() => void signOut()}>{texts.signOut}</Button>
          </div>
        }
      />
    </main>
  );
}

/** Told on the next page, for the page on which it happened is gone. */
const lostName = 'parley.lost-workspace';

/**
 * Who was removed from the workspace on the screen goes to another one of theirs, and keeps nothing of it.
 * @returns whether they are on the way there
 */
function useLostWorkspace(me: Me | null | undefined): boolean {
  const texts = useTexts(appTexts);
  const queries = useQueryClient();
  const [shown, setShown] = useState<Me['workspace']>(null);
  const present = me?.workspace ?? null;
  // Who signs in next begins anew.
  const isNobody = me === null && shown !== null;
  if (isNobody || (shown === null && present !== null)) setShown(isNobody ? null : present);
  const isLost = me !== null && me !== undefined && shown !== null && shown.id !== present?.id;

  useEffect(() => {
    if (!isLost || !shown) return;
    const leave = async () => {
      await forgetAnswers().catch(() => undefined);
      if (!present) {
        queries.removeQueries({ predicate: (query) => query.queryKey[0] !== queryKeys.me[0] });
        setShown(null);
        return;
      }
      sessionStorage.setItem(lostName, shown.name);
      // Loaded anew: nothing of one workspace may be left on the screen of another.
      location.assign('/inbox');
    };
    void leave();
  }, [isLost, shown, present, queries]);

  const isIn = present !== null && !isLost;
  useEffect(() => {
    const lost = isIn && sessionStorage.getItem(lostName);
    if (!lost) return;
    sessionStorage.removeItem(lostName);
    toast({ text: texts.lostWorkspace(lost), durationMs: 15_000 });
  }, [isIn, texts]);
  return isLost;
}
