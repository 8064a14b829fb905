// A member of no workspace has an account all the same: what opens it, and where it is open.
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { AccountAccess } from './account-access.tsx';
import { Sessions } from './sessions.tsx';
import { settingsTexts } from './settings-texts.ts';

export function AccountAlone({ onBack }: { onBack: () => void }) {
  const texts = useTexts(settingsTexts);
  return (
    <main className="h-full">
      <Page title={texts.account} actions={<Button onClick={onBack}>{texts.back}</Button>}>
        <AccountAccess />
        <Section title={texts.sessions} description={texts.sessionsText}>
          <Sessions />
        </Section>
      </Page>
    </main>
  );
}
