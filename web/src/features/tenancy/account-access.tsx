// What opens an account: in the settings, and for a member of no workspace.
import { useTexts } from '../../lib/texts.ts';
import { Section } from '../../ui/page.tsx';
import { identityTexts } from './identity-texts.ts';
import { LinkedAccounts } from './linked-accounts.tsx';
import { PasswordForm } from './password-form.tsx';
import { SecondFactorSettings } from './second-factor-settings.tsx';
import { secondFactorTexts } from './second-factor-texts.ts';
import { settingsTexts } from './settings-texts.ts';

export function AccountAccess() {
  const texts = useTexts(settingsTexts);
  const factor = useTexts(secondFactorTexts);
  const identity = useTexts(identityTexts);
  return (
    <>
      <Section title={texts.password} description={texts.passwordText}>
        <PasswordForm />
      </Section>
      <Section title={factor.title} description={factor.intro}>
        <SecondFactorSettings />
      </Section>
      <Section title={identity.linked} description={identity.linkedText}>
        <LinkedAccounts />
      </Section>
    </>
  );
}
