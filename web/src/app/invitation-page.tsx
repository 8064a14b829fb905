// Where the link of an invitation leads: somebody new makes an account with it, somebody known joins with theirs.
import type { AcceptedInvitation, ReadInvitation } from '@parley/contract/invitations';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { joinTexts } from '../features/account/texts-join.ts';
import { peopleTexts } from '../features/tenancy/people-texts.ts';
import { ApiError, api } from '../lib/api.ts';
import { queryKeys } from '../lib/query.ts';
import { setScreen } from '../lib/store.ts';
import { useTexts } from '../lib/texts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Entrance, EntranceLink } from './entrance.tsx';
import { useLinkToken } from './link-token.ts';
import { meOptions } from './me.ts';
import { useRefusal } from './refusal.ts';

export function InvitationPage() {
  const texts = useTexts(joinTexts);
  const token = useLinkToken();
  const me = useQuery(meOptions);
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => api.post<ReadInvitation>('/api/v1/invitation', { token }),
    enabled: token !== '',
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const explain = useRefusal();
  if (token === '' || invitation.isError) {
    const { error } = invitation;
    const isGone = !error || (error instanceof ApiError && error.code === 'link_used_up');
    return (
      <Entrance
        title={texts.invitationTitle('Parley')}
        text={<span role="status">{isGone ? texts.linkBad : explain(error)}</span>}
        onSubmit={() => undefined}
      >
        <EntranceLink to="/inbox">{texts.toParley}</EntranceLink>
      </Entrance>
    );
  }
  if (!invitation.data || me.isPending)
    return (
      <p role="status" className="sr-only">
        {texts.reading}
      </p>
    );
  return <Invited invitation={invitation.data} token={token} signedInAs={me.data?.user?.email ?? null} />;
}

interface InvitedProps {
  invitation: ReadInvitation;
  token: string;
  signedInAs: string | null;
}

function enter({ workspaceId }: AcceptedInvitation): void {
  setScreen({ workspaceId });
  location.assign('/inbox');
}

function Invited({ invitation, token, signedInAs }: InvitedProps) {
  const texts = useTexts(joinTexts);
  const people = useTexts(peopleTexts);
  const explain = useRefusal();
  const queries = useQueryClient();
  const { email, workspace, invitedBy, role, ownRole, account } = invitation;
  const [isKnown, setIsKnown] = useState(account === 'known');
  const roleName = ownRole ?? (role === 'own' ? '' : people[role]);
  const intro = invitedBy ? texts.invited(invitedBy, roleName) : texts.invitedBySomebody(roleName);
  const signIn = (password: string) => api.post('/api/auth/sign-in/email', { email, password });

  const join = useMutation({
    mutationFn: async (form: FormData) => {
      const password = String(form.get('password') ?? '');
      if (signedInAs === null && !isKnown) {
        const name = String(form.get('name')).trim();
        const accepted = await api.post<AcceptedInvitation>('/api/v1/invitation/account', {
          token,
          name,
          password,
        });
        await signIn(password);
        return accepted;
      }
      if (signedInAs === null) await signIn(password);
      return api.post<AcceptedInvitation>('/api/v1/invitation/acceptance', { token });
    },
    onSuccess: enter,
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'account_exists') setIsKnown(true);
    },
  });
  const problem = () => {
    const { error } = join;
    if (!error) return null;
    if (!(error instanceof ApiError)) return explain(error);
    if (error.code === 'account_exists') return texts.exists;
    if (error.code === 'link_used_up') return texts.linkBad;
    // A second factor is asked for elsewhere.
    return error.code === 'unauthenticated' ? texts.signInThenAgain : explain(error);
  };

  if (signedInAs !== null && signedInAs !== email) {
    const signOut = async () => {
      await api.post('/api/auth/sign-out', {});
      await queries.invalidateQueries({ queryKey: queryKeys.me });
    };
    return (
      <Entrance
        title={texts.invitationTitle(workspace)}
        text={<span role="status">{texts.otherAccount(signedInAs, email)}</span>}
        onSubmit={() => void signOut()}
      >
        <Button type="submit" variant="primary" className="h-9 w-full">
          {texts.signOut}
        </Button>
        <EntranceLink to="/inbox">{texts.toParley}</EntranceLink>
      </Entrance>
    );
  }
  return (
    <Entrance
      title={texts.invitationTitle(workspace)}
      text={
        <>
          {intro} {signedInAs !== null && texts.joinAs(signedInAs)}
          {signedInAs === null && (isKnown ? texts.hasAccount : texts.chooseAccount)}
        </>
      }
      onSubmit={(form) => join.mutate(form)}
    >
      {signedInAs === null && (
        <>
          <Field label={texts.address} className="mb-4">
            <Input type="email" autoComplete="username" readOnly value={email} className="h-9" />
          </Field>
          {!isKnown && (
            <Field label={texts.yourName} className="mb-4">
              <Input name="name" autoComplete="name" required maxLength={100} autoFocus className="h-9" />
            </Field>
          )}
          <Field
            key={isKnown ? 'known' : 'new'}
            label={texts.password}
            hint={isKnown ? undefined : texts.passwordHint}
            error={problem()}
            className="mb-5"
          >
            <Input
              name="password"
              type="password"
              autoComplete={isKnown ? 'current-password' : 'new-password'}
              required
              className="h-9"
            />
          </Field>
        </>
      )}
      {signedInAs !== null && join.error && (
        <p role="alert" className="mb-4 text-danger-text text-meta">
          {problem()}
        </p>
      )}
      <Button type="submit" variant="primary" busy={join.isPending} className="h-9 w-full">
        {texts.join}
      </Button>
      {signedInAs === null && account === 'untold' && (
        <Button className="mt-3 h-9 w-full" onClick={() => setIsKnown(!isKnown)}>
          {isKnown ? texts.iHaveNone : texts.iHaveOne}
        </Button>
      )}
    </Entrance>
  );
}
