// An account of one's own, where the installation is open to strangers: first the address, then name and password.
import { useMutation, useQuery } from '@tanstack/react-query';
import { joinTexts } from '../features/account/texts-join.ts';
import { ApiError, api } from '../lib/api.ts';
import { useStart } from '../lib/start.ts';
import { useTexts } from '../lib/texts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Entrance, EntranceLink } from './entrance.tsx';
import { useLinkToken } from './link-token.ts';
import { useRefusal } from './refusal.ts';

export function SignUpPage() {
  const token = useLinkToken();
  return token === '' ? <AskForLink /> : <MakeAccount key={token} token={token} />;
}

function AskForLink() {
  const texts = useTexts(joinTexts);
  const explain = useRefusal();
  const start = useStart();
  const ask = useMutation({ mutationFn: (email: string) => api.post('/api/v1/sign-up', { email }) });
  if (ask.isSuccess) {
    return (
      <Entrance
        title={texts.signUpTitle}
        text={
          <span role="status">
            {texts.asked} {start?.mail === 'kept' && texts.askedDemo}
          </span>
        }
        onSubmit={() => undefined}
      >
        <EntranceLink to="/sign-in">{texts.toSignIn}</EntranceLink>
      </Entrance>
    );
  }
  return (
    <Entrance
      title={texts.signUpTitle}
      text={texts.signUpText}
      onSubmit={(form) => ask.mutate(String(form.get('email')).trim())}
    >
      <Field label={texts.address} error={ask.error && explain(ask.error)} className="mb-5">
        <Input name="email" type="email" autoComplete="username" required autoFocus className="h-9" />
      </Field>
      <Button type="submit" variant="primary" busy={ask.isPending} className="h-9 w-full">
        {texts.mailLink}
      </Button>
      <EntranceLink to="/sign-in">{texts.toSignIn}</EntranceLink>
    </Entrance>
  );
}

function MakeAccount({ token }: { token: string }) {
  const texts = useTexts(joinTexts);
  const explain = useRefusal();
  const link = useQuery({
    queryKey: ['sign-up', token],
    queryFn: () => api.post<{ email: string }>('/api/v1/sign-up/link', { token }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const make = useMutation({
    mutationFn: async (form: FormData) => {
      const password = String(form.get('password'));
      const name = String(form.get('name')).trim();
      const { email } = await api.post<{ email: string }>('/api/v1/sign-up/account', {
        token,
        name,
        password,
      });
      await api.post('/api/auth/sign-in/email', { email, password });
    },
    onSuccess: () => location.assign('/inbox'),
  });
  if (link.isError) {
    const { error } = link;
    const isGone = error instanceof ApiError && error.code === 'link_used_up';
    return (
      <Entrance
        title={texts.signUpTitle}
        text={<span role="status">{isGone ? texts.signUpLinkBad : explain(error)}</span>}
        onSubmit={() => undefined}
      >
        {isGone && <EntranceLink to="/sign-up">{texts.another}</EntranceLink>}
        <EntranceLink to="/sign-in">{texts.toSignIn}</EntranceLink>
      </Entrance>
    );
  }
  if (!link.data)
    return (
      <p role="status" className="sr-only">
        {texts.reading}
      </p>
    );
  return (
    <Entrance title={texts.signUpTitle} text={texts.chooseAccount} onSubmit={(form) => make.mutate(form)}>
      <Field label={texts.address} className="mb-4">
        <Input type="email" autoComplete="username" readOnly value={link.data.email} className="h-9" />
      </Field>
      <Field label={texts.yourName} className="mb-4">
        <Input name="name" autoComplete="name" required maxLength={100} autoFocus className="h-9" />
      </Field>
      <Field
        label={texts.password}
        hint={texts.passwordHint}
        error={make.error && explain(make.error)}
        className="mb-5"
      >
        <Input name="password" type="password" autoComplete="new-password" required className="h-9" />
      </Field>
      <Button type="submit" variant="primary" busy={make.isPending} className="h-9 w-full">
        {texts.makeAccount}
      </Button>
    </Entrance>
  );
}
