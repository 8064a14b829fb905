// The fields of a Twilio account, checked before they are sent anywhere.
import { useTexts } from '../../lib/texts.ts';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { channelsTexts } from './texts.ts';

export interface TwilioDraft {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKeySid: string;
  readonly apiKeySecret: string;
}

export const emptyTwilioDraft: TwilioDraft = {
  accountSid: '',
  authToken: '',
  apiKeySid: '',
  apiKeySecret: '',
};

const accountSidPattern = /^AC[0-9a-fA-F]{32}$/;

export const isCompleteTwilioDraft = ({ accountSid, authToken }: TwilioDraft): boolean =>
  accountSidPattern.test(accountSid.trim()) && authToken.trim() !== '';

/** As the API takes them: what was left empty is absent. */
export function toTwilioCredentials(draft: TwilioDraft): Record<string, string> {
  return Object.fromEntries(
    Object.entries(draft)
      .map(([name, value]: [string, string]) => [name, value.trim()] as const)
      .filter(([, value]) => value !== ''),
  );
}

export interface TwilioFieldsProps {
  draft: TwilioDraft;
  onChange: (draft: TwilioDraft) => void;
  /** Whether what is missing or wrong is told already. */
  told: boolean;
}

export function TwilioFields({ draft, onChange, told }: TwilioFieldsProps) {
  const texts = useTexts(channelsTexts);
  const set = (name: keyof TwilioDraft) => (event: { target: { value: string } }) =>
    onChange({ ...draft, [name]: event.target.value });
  return (
    <>
      <Field
        label={texts.accountSid}
        hint={texts.accountSidHint}
        error={told && !accountSidPattern.test(draft.accountSid.trim()) ? texts.accountSidWrong : null}
      >
        <Input
          autoComplete="off"
          spellCheck={false}
          value={draft.accountSid}
          onChange={set('accountSid')}
          className="font-mono text-meta"
        />
      </Field>
      <Field
        label={texts.authToken}
        hint={texts.authTokenHint}
        error={told && draft.authToken.trim() === '' ? texts.authTokenMissing : null}
      >
        <Input type="password" autoComplete="off" value={draft.authToken} onChange={set('authToken')} />
      </Field>
      <Field label={texts.apiKeySid} optional>
        <Input
          autoComplete="off"
          spellCheck={false}
          value={draft.apiKeySid}
          onChange={set('apiKeySid')}
          className="font-mono text-meta"
        />
      </Field>
      <Field label={texts.apiKeySecret} optional>
        <Input type="password" autoComplete="off" value={draft.apiKeySecret} onChange={set('apiKeySecret')} />
      </Field>
    </>
  );
}
