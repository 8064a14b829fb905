// The place for a code that was sent to a number: typed, pasted or filled in by the phone's own keyboard.
import type { PhoneNumber } from '@parley/contract/phone-numbers';
import { type FormEvent, useState } from 'react';
import { formatPhone, useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { problemOf, useSendCode, useVerifyNumber } from './phone-number-queries.ts';
import { phoneNumberTexts } from './phone-number-texts.ts';
import { useSecondsUntil } from './use-seconds-until.ts';

const codeLength = 6;

function useStateWords({ code }: PhoneNumber): string {
  const texts = useTexts(phoneNumberTexts);
  const format = useFormat();
  const isOld = useSecondsUntil(code?.expiresAt) === 0;
  if (!code) return texts.noCode;
  if (code.state === 'refused') return texts.refused(code.problem);
  if (code.state === 'undelivered') return texts.undelivered(code.problem);
  if (code.guessesLeft === 0) return texts.guessed;
  if (isOld) return texts.old;
  if (code.state === 'unknown') return texts.unknown;
  return code.state === 'waiting' ? texts.waiting : texts.sent(format.time(code.expiresAt));
}

export function PhoneNumberCode({ number, isNew }: { number: PhoneNumber; isNew: boolean }) {
  const texts = useTexts(phoneNumberTexts);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const words = useStateWords(number);
  const wait = useSecondsUntil(number.code?.resendAt);
  const verify = useVerifyNumber(number.id);
  const send = useSendCode(number.id);
  const told = formatPhone(number.number);
  const tell = (error: unknown) => {
    const known = problemOf(error);
    setProblem(known);
    if (!known) toastError(error);
  };
  const check = (code: string) => {
    if (verify.isPending) return;
    verify.mutate(code, {
      onSuccess: () => toast({ text: texts.nowVerified(told), tone: 'success' }),
      onError: (error) => {
        setTyped('');
        tell(error);
      },
    });
  };
  const type = (text: string) => {
    const digits = text.replaceAll(/\D/g, '').slice(0, codeLength);
    setTyped(digits);
    setProblem(null);
    if (digits.length === codeLength && typed.length < codeLength) check(digits);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.length === codeLength) check(typed);
  };
  const again = () => {
    setTyped('');
    setProblem(null);
    send.mutate(undefined, { onError: tell });
  };
  return (
    <form onSubmit={submit} className="mt-2 flex max-w-100 flex-col gap-3">
      <p role="status" className="text-meta text-text-muted">
        {words}
      </p>
      <div className="flex flex-wrap items-end gap-2">
        <Field label={texts.codeFor(told)} error={problem} className="w-full">
          <Input
            // Right after the number was added: the code is what comes next.
            autoFocus={isNew}
            inputMode="numeric"
            autoComplete="one-time-code"
            data-figures
            placeholder="••••••"
            value={typed}
            onChange={(event) => type(event.target.value)}
            className="max-w-40 font-mono tracking-[0.3em]"
          />
        </Field>
        <Button type="submit" variant="primary" busy={verify.isPending} disabled={typed.length < codeLength}>
          {texts.verify}
        </Button>
        <Button busy={send.isPending} disabled={wait > 0} onClick={again}>
          {wait > 0 ? texts.againIn(wait) : texts.again}
        </Button>
      </div>
    </form>
  );
}
