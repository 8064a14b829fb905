// Asks for a link to choose a new password. What it says is the same whether or not an account has the address.
import { useMutation } from '@tanstack/react-query';
import { accountTexts } from '../features/account/account-texts.ts';
import { api } from '../lib/api.ts';
import { useStart } from '../lib/start.ts';
import { useTexts } from '../lib/texts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Entrance, EntranceLink } from './entrance.tsx';
import { useRefusal } from './refusal.ts';

export function ForgotPasswordPage() {
  const texts = useTexts(accountTexts);
  const start = useStart();
  const explain = useRefusal();
  const ask = useMutation({
    mutationFn: (email: string) => api.post('/api/auth/request-password-reset', { email }),
  });
  const isMute = start?.mail === 'none';
  return (
    <Entrance
      title={texts.forgotTitle}
      text={ask.isSuccess ? <Asked /> : isMute ? texts.noMail : texts.forgotText}
      onSubmit={(form) => ask.mutate(String(form.get('email')).trim())}
    >
      {!ask.isSuccess && !isMute && (
        <>
          <Field label={texts.email} error={ask.error && explain(ask.error)} className="mb-5">
            <Input name="email" type="email" autoComplete="username" required autoFocus className="h-9" />
          </Field>
          <Button type="submit" variant="primary" busy={ask.isPending} className="h-9 w-full">
            {texts.mailLink}
          </Button>
        </>
      )}
      <EntranceLink to="/sign-in">{texts.backToSignIn}</EntranceLink>
    </Entrance>
  );
}

function Asked() {
  const texts = useTexts(accountTexts);
  const start = useStart();
  return (
    <span role="status">
      {texts.asked} {start?.mail === 'kept' && texts.askedDemo}
    </span>
  );
}
