// Where the member is signed in, by the sign-in library's own routes; ends one or all others.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Monitor, Smartphone } from 'lucide-react';
import { api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { describeDevice } from './devices.ts';
import { settingsTexts } from './settings-texts.ts';

export const sessionsKey = ['sessions'];

interface SignInSession {
  readonly id: string;
  readonly token: string;
  readonly createdAt: string;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
}

async function readSessions(signal: AbortSignal) {
  const [all, own] = await Promise.all([
    api.get<SignInSession[]>('/api/auth/list-sessions', { signal }),
    api.get<{ session: { id: string } } | null>('/api/auth/get-session', { signal }),
  ]);
  return all
    .map((session) => ({ ...session, isOwn: session.id === own?.session.id }))
    .toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn) || b.createdAt.localeCompare(a.createdAt));
}

export function Sessions() {
  const texts = useTexts(settingsTexts);
  const client = useQueryClient();
  const sessions = useQuery({ queryKey: sessionsKey, queryFn: ({ signal }) => readSessions(signal) });
  const end = useMutation({
    mutationFn: (token: string | null) =>
      token === null
        ? api.post('/api/auth/revoke-other-sessions', {})
        : api.post('/api/auth/revoke-session', { token }),
    onSuccess: (_answer, token) =>
      toast({ text: token === null ? texts.othersEnded : texts.sessionEnded, tone: 'success' }),
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: sessionsKey }),
  });
  if (sessions.isPending) return <SkeletonRows rows={2} />;
  if (sessions.isError) {
    return (
      <ErrorState
        error={sessions.error}
        title={texts.sessionsUnreadable}
        onRetry={() => void sessions.refetch()}
      />
    );
  }
  return (
    <>
      <ul className="mb-4">
        {sessions.data.map((session) => {
          const device = describeDevice(session.userAgent);
          const Icon = device.isHandset ? Smartphone : Monitor;
          return (
            <li
              key={session.id}
              className="flex items-center gap-3 border-line border-b py-2.5 last:border-0"
            >
              <Icon size={20} aria-hidden="true" className="shrink-0 text-text-muted" />
              <span className="min-w-0 grow">
                <span className="flex flex-wrap items-center gap-2 font-medium">
                  {device.name ?? texts.unknownDevice}
                  {session.isOwn && <Chip tone="accent">{texts.thisDevice}</Chip>}
                </span>
                <span className="text-meta text-text-muted">
                  {session.ipAddress && `${session.ipAddress} · `}
                  {texts.signedIn} <Time at={session.createdAt} show="distance" />
                </span>
              </span>
              {!session.isOwn && (
                <Button size="small" onClick={() => end.mutate(session.token)}>
                  {texts.endSession}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {sessions.data.length > 1 && (
        <Button onClick={() => end.mutate(null)} busy={end.isPending && end.variables === null}>
          {texts.endOthers}
        </Button>
      )}
    </>
  );
}
