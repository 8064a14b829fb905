// Where the link of a mail leads: an address is confirmed. By a button, for programs that look into mails follow links too.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { accountTexts } from '../features/account/account-texts.ts';
import { ApiError, api } from '../lib/api.ts';
import { useTexts } from '../lib/texts.ts';
import { Button } from '../ui/button.tsx';
import { Entrance, EntranceLink } from './entrance.tsx';
import { useLinkToken } from './link-token.ts';
import { useRefusal } from './refusal.ts';

export function ConfirmEmailPage() {
  const texts = useTexts(accountTexts);
  const explain = useRefusal();
  const queries = useQueryClient();
  const token = useLinkToken();
  const confirm = useMutation({
    mutationFn: () => api.post('/api/auth/confirm-email', { token }),
    onSuccess: () => queries.invalidateQueries(),
  });
  const problem = () => {
    const { error } = confirm;
    if (token === '') return texts.linkBad;
    if (!(error instanceof ApiError)) return error && explain(error);
    if (error.code === 'SIGN_IN_FIRST') return texts.signInFirst;
    return error.status < 429 ? texts.linkBad : explain(error);
  };
  const said = confirm.isSuccess ? texts.confirmed : problem();
  return (
    <Entrance
      title={texts.confirmTitle}
      text={said ? <span role="status">{said}</span> : texts.confirmText}
      onSubmit={() => confirm.mutate()}
    >
      {said ? (
        <EntranceLink to="/sign-in">{texts.toParley}</EntranceLink>
      ) : (
        <Button type="submit" variant="primary" busy={confirm.isPending} autoFocus className="h-9 w-full">
          {texts.confirm}
        </Button>
      )}
    </Entrance>
  );
}
