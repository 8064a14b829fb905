// Where the member is signed in: browsers, and programs with tokens. Ends one, or all others, after a question.
import type { OpenSession, Place } from '@parley/contract/sessions';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { AppWindow, Monitor, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { currentLanguage, useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { sessionTexts } from './session-texts.ts';

export const sessionsKey = ['sessions'];

const path = '/api/v1/auth/sessions';
/** What the dialog asks about. */
type Question = OpenSession | 'others' | null;

export function Sessions() {
  const texts = useTexts(sessionTexts);
  const [question, setQuestion] = useState<Question>(null);
  const sessions = useQuery({
    queryKey: sessionsKey,
    queryFn: async ({ signal }) => (await api.get<{ items: OpenSession[] }>(path, { signal })).items,
  });
  if (sessions.isPending) return <SkeletonRows rows={2} />;
  if (sessions.isError) {
    return (
      <ErrorState error={sessions.error} title={texts.unreadable} onRetry={() => void sessions.refetch()} />
    );
  }
  const items = sessions.data;
  return (
    <>
      <ul className="mb-4">
        {items.map((session) => (
          <SessionRow key={session.id} session={session} onEnd={() => setQuestion(session)} />
        ))}
      </ul>
      {items.some(({ current }) => !current) && (
        <Button onClick={() => setQuestion('others')}>{texts.endOthers}</Button>
      )}
      {question && <EndQuestion question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}

function SessionRow({ session, onEnd }: { session: OpenSession; onEnd: () => void }) {
  const texts = useTexts(sessionTexts);
  const device = session.device ?? texts.unknownDevice;
  const where = [wordsOfPlace(session.place, texts), session.network].filter(Boolean).join(' · ');
  return (
    <li className="flex items-center gap-3 border-line border-b py-2.5 last:border-0">
      <DeviceIcon session={session} />
      <span className="min-w-0 grow">
        <span className="flex flex-wrap items-center gap-2 font-medium">
          {device}
          {session.kind === 'tokens' && <Chip>{texts.program}</Chip>}
          {session.current && <Chip tone="accent">{texts.thisDevice}</Chip>}
        </span>
        <span className="block text-meta text-text-muted">{where || texts.unknownPlace}</span>
        <span className="block text-meta text-text-muted">
          {texts.lastUsed} <Time at={session.lastUsedAt} show="distance" /> · {texts.signedIn}{' '}
          <Time at={session.createdAt} show="distance" />
        </span>
      </span>
      {!session.current && (
        <Button size="small" aria-label={`${texts.end}: ${device}`} onClick={onEnd}>
          {texts.end}
        </Button>
      )}
    </li>
  );
}

function DeviceIcon({ session: { kind, device } }: { session: OpenSession }) {
  const Icon = /iOS|Android/.test(device ?? '') ? Smartphone : kind === 'tokens' ? AppWindow : Monitor;
  return <Icon size={20} aria-hidden="true" className="shrink-0 text-text-muted" />;
}

function EndQuestion({ question, onClose }: { question: OpenSession | 'others'; onClose: () => void }) {
  const texts = useTexts(sessionTexts);
  const client = useQueryClient();
  const all = question === 'others';
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      danger
      title={all ? texts.endOthersTitle : texts.endTitle(question.device ?? texts.unknownDevice)}
      text={all ? texts.endOthersText : texts.endText}
      actionLabel={all ? texts.endOthers : texts.end}
      onConfirm={async () => {
        await api.delete(all ? path : `${path}/${encodeURIComponent(question.id)}`);
        await client.invalidateQueries({ queryKey: sessionsKey });
        toast({ text: all ? texts.othersEnded : texts.ended, tone: 'success' });
      }}
    />
  );
}

function wordsOfPlace({ kind, country, city }: Place, texts: { thisNetwork: string }): string | null {
  if (kind === 'this_network') return texts.thisNetwork;
  const names = new Intl.DisplayNames(currentLanguage(), { type: 'region', fallback: 'code' });
  const words = [city, country && names.of(country)].filter(Boolean);
  return words.length > 0 ? words.join(', ') : null;
}
