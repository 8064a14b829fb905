// A workspace's own sign-in: set, tested, removed by who may.
import type { SingleSignOnAnswer, SingleSignOnCheck } from '@parley/contract/identity';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError, api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { focusInvalid } from '../../ui/focus-invalid.ts';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Switch } from '../../ui/switch.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { identityTexts } from './identity-texts.ts';

const path = '/api/v1/workspace/sso';
const ssoKey = ['single-sign-on'];

export function SingleSignOn() {
  const texts = useTexts(identityTexts);
  const answer = useQuery({
    queryKey: ssoKey,
    queryFn: ({ signal }) => api.get<SingleSignOnAnswer>(path, { signal }),
  });
  if (answer.isPending) return <SkeletonRows rows={4} />;
  if (answer.isError) {
    return (
      <ErrorState error={answer.error} title={texts.ssoUnreadable} onRetry={() => void answer.refetch()} />
    );
  }
  return <ConnectionForm key={answer.data.connection?.updatedAt ?? 'none'} kept={answer.data} />;
}

interface Draft {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly domains: string;
  readonly defaultRole: string;
  readonly enforced: boolean;
}

const draftOf = ({ connection }: SingleSignOnAnswer): Draft => ({
  issuer: connection?.issuer ?? '',
  clientId: connection?.clientId ?? '',
  clientSecret: '',
  domains: connection?.domains.join(', ') ?? '',
  defaultRole: connection?.defaultRole ?? '',
  enforced: connection?.enforced ?? false,
});

type ProblemField = 'issuer' | 'secret' | 'domains';
const fieldOf = { unreachable: 'issuer', client: 'secret' } as const;

/** What was refused, at the field where it is mended; null for everything else. */
function problemOf(
  error: unknown,
  texts: (typeof identityTexts)['en'],
): { field: ProblemField; text: string } | null {
  if (!(error instanceof ApiError)) return null;
  if (error.code === 'sso_unreachable') return { field: 'issuer', text: texts.unreachable };
  if (error.code === 'sso_client_refused') return { field: 'secret', text: texts.client };
  if (error.code === 'sso_secret_needed') return { field: 'secret', text: texts.secretNeeded };
  if (error.code === 'sso_domain_taken') return { field: 'domains', text: texts.domainTaken };
  if (error.code !== 'sso_domain_not_yours') return null;
  const domains = error.details.map(({ message }) => message).join(', ');
  return { field: 'domains', text: texts.domainNotYours(domains) };
}

function ConnectionForm({ kept }: { kept: SingleSignOnAnswer }) {
  const texts = useTexts(identityTexts);
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(kept));
  const [removing, setRemoving] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const asked = () => ({
    issuer: draft.issuer.trim(),
    clientId: draft.clientId.trim(),
    ...(draft.clientSecret ? { clientSecret: draft.clientSecret } : {}),
  });
  const check = useMutation({
    mutationFn: () => api.put<SingleSignOnCheck>(`${path}/check`, asked()),
    onError: toastError,
  });
  const save = useMutation({
    mutationFn: () =>
      api.put<SingleSignOnAnswer>(path, {
        ...asked(),
        domains: draft.domains.split(/[\s,]+/).filter(Boolean),
        defaultRole: draft.defaultRole || null,
        enforced: draft.enforced,
      }),
    onSuccess: (saved) => {
      client.setQueryData(ssoKey, saved);
      toast({ text: texts.saved, tone: 'success' });
    },
    onError: (error) => {
      if (!problemOf(error, texts)) toastError(error);
    },
  });
  // What was answered holds for what was asked.
  const change = (part: Partial<Draft>) => {
    check.reset();
    save.reset();
    setDraft((before) => ({ ...before, ...part }));
  };
  const found = check.data?.problem;
  const problem = found ? { field: fieldOf[found], text: texts[found] } : problemOf(save.error, texts);
  const wrong = problem?.field ?? null;
  // The buttons stand below all fields: what is wrong may be out of sight.
  useEffect(() => {
    if (wrong && form.current) focusInvalid(form.current);
  }, [wrong]);
  const errorAt = (field: ProblemField) => (problem?.field === field ? problem.text : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const canAsk = draft.issuer.trim() !== '' && draft.clientId.trim() !== '';
  return (
    <form ref={form} onSubmit={submit} className="flex max-w-100 flex-col gap-4">
      <Field label={texts.redirect} hint={texts.redirectHint}>
        <Input readOnly value={kept.redirectUri} onFocus={(event) => event.target.select()} />
      </Field>
      <Field label={texts.issuer} hint={texts.issuerHint} error={errorAt('issuer')}>
        <Input
          type="url"
          required
          value={draft.issuer}
          onChange={(event) => change({ issuer: event.target.value })}
        />
      </Field>
      <Field label={texts.clientId}>
        <Input
          required
          autoComplete="off"
          value={draft.clientId}
          onChange={(event) => change({ clientId: event.target.value })}
        />
      </Field>
      <Field
        label={texts.secret}
        hint={kept.connection ? texts.secretHint : undefined}
        error={errorAt('secret')}
      >
        <Input
          type="password"
          autoComplete="off"
          required={!kept.connection}
          value={draft.clientSecret}
          onChange={(event) => change({ clientSecret: event.target.value })}
        />
      </Field>
      <Field label={texts.domains} hint={texts.domainsHint} error={errorAt('domains')}>
        <Input
          required
          placeholder="example.com"
          value={draft.domains}
          onChange={(event) => change({ domains: event.target.value })}
        />
      </Field>
      <Field label={texts.newcomers} hint={texts.newcomersHint}>
        <Select
          value={draft.defaultRole}
          onChange={(next) => change({ defaultRole: next })}
          options={[
            { value: '', label: texts.onlyMembers },
            ...(['viewer', 'agent', 'admin'] as const).map((role) => ({
              value: role,
              label: texts.becomes(texts[role]),
            })),
          ]}
        />
      </Field>
      <Switch
        label={texts.enforced}
        hint={texts.enforcedHint}
        checked={draft.enforced}
        onChange={(enforced) => change({ enforced })}
      />
      <p role="status" className="text-meta text-text-muted empty:hidden">
        {check.data?.ok && texts.testGood}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={save.isPending}>
          {texts.save}
        </Button>
        <Button busy={check.isPending} disabled={!canAsk} onClick={() => check.mutate()}>
          {texts.test}
        </Button>
        {kept.connection && <Button onClick={() => setRemoving(true)}>{texts.remove}</Button>}
      </div>
      {removing && (
        <ConfirmDialog
          open
          onOpenChange={() => setRemoving(false)}
          danger
          title={texts.removeTitle}
          text={texts.removeText}
          actionLabel={texts.remove}
          onConfirm={async () => {
            await api.delete(path);
            await client.invalidateQueries({ queryKey: ssoKey });
            toast({ text: texts.removed, tone: 'success' });
          }}
        />
      )}
    </form>
  );
}
