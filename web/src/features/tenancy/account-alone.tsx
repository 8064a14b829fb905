// A member of no workspace has an account all the same: what opens it, and where it is open.

import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { identityTexts } from './identity-texts.ts';
import { LinkedAccounts } from './linked-accounts.tsx';
import { PasswordForm } from './password-form.tsx';
import { SecondFactorSettings } from './second-factor-settings.tsx';
import { secondFactorTexts } from './second-factor-texts.ts';
import { Sessions } from './sessions.tsx';
import { settingsTexts } from './settings-texts.ts';

export function AccountAlone({ onBack }: { onBack: () => void }) {
  const texts = useTexts(settingsTexts);
  const factor = useTexts(secondFactorTexts);
  const identity = useTexts(identityTexts);
  return (
    <main className="h-full">
      <Page title={texts.account} actions={<Button onClick={onBack}>{texts.back}</Button>}>
        <Section title={texts.password} description={texts.passwordText}>
          <PasswordForm />
        </Section>
        <Section title={factor.title} description={factor.intro}>
          <SecondFactorSettings />
        </Section>
        <Section title={identity.linked} description={identity.linkedText}>
          <LinkedAccounts />
        </Section>
        <Section title={texts.sessions} description={texts.sessionsText}>
          <Sessions />
        </Section>
      </Page>
    </main>
  );
}
