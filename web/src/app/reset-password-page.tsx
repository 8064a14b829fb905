// Where the link of a mail leads: a new password, for who holds the link.
import { useMutation } from '@tanstack/react-query';
import { accountTexts } from '../features/account/account-texts.ts';
import { ApiError, api } from '../lib/api.ts';
import { useTexts } from '../lib/texts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Entrance, EntranceLink } from './entrance.tsx';
import { useLinkToken } from './link-token.ts';
import { useRefusal } from './refusal.ts';

export function ResetPasswordPage() {
  const texts = useTexts(accountTexts);
  const explain = useRefusal();
  const token = useLinkToken();
  const reset = useMutation({
    mutationFn: (newPassword: string) => api.post('/api/auth/reset-password', { token, newPassword }),
  });
  const isBad = token === '' || (reset.error instanceof ApiError && reset.error.code === 'INVALID_TOKEN');
  if (isBad || reset.isSuccess) {
    return (
      <Entrance
        title={texts.resetTitle}
        text={<span role="status">{isBad ? texts.linkBad : texts.resetDone}</span>}
        onSubmit={() => undefined}
      >
        <EntranceLink to={isBad ? '/forgot-password' : '/sign-in'}>
          {isBad ? texts.anotherLink : texts.toSignIn}
        </EntranceLink>
      </Entrance>
    );
  }
  return (
    <Entrance
      title={texts.resetTitle}
      text={texts.resetText}
      onSubmit={(form) => reset.mutate(String(form.get('password')))}
    >
      <Field
        label={texts.newPassword}
        hint={texts.newPasswordHint}
        error={reset.error && explain(reset.error)}
        className="mb-5"
      >
        <Input
          name="password"
          type="password"
          autoComplete="new-password"
          required
          autoFocus
          className="h-9"
        />
      </Field>
      <Button type="submit" variant="primary" busy={reset.isPending} className="h-9 w-full">
        {texts.savePassword}
      </Button>
    </Entrance>
  );
}
