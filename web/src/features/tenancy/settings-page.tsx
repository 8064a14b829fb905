// The settings page: a member's own account, and how the app looks and rings to them; the keyboard; the workspace and its
// quick replies; in the demo, the mails that nobody sends.
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router';
import { useCan, useSession } from '../../lib/session.ts';
import { useStart } from '../../lib/start.ts';
import { useTexts } from '../../lib/texts.ts';
import { Page, Section } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { QuickReplySettings } from '../conversations/quick-reply-settings.tsx';
import { AccountAccess } from './account-access.tsx';
import { AccountSettings } from './account-settings.tsx';
import { EmailSettings } from './email-settings.tsx';
import { emailTexts } from './email-texts.ts';
import { KeptMails } from './kept-mails.tsx';
import { KeyboardSettings } from './keyboard-settings.tsx';
import { LookSettings } from './look-settings.tsx';
import { NotificationSettings } from './notification-settings.tsx';
import { PhoneNumberSettings } from './phone-number-settings.tsx';
import { phoneNumberTexts } from './phone-number-texts.ts';
import { QuietHoursSettings } from './quiet-hours-settings.tsx';
import { Sessions } from './sessions.tsx';
import { settingsTexts } from './settings-texts.ts';
import { WorkspaceSettings } from './workspace-settings.tsx';

const PrivacySettings = lazy(async () => ({
  default: (await import('../privacy/privacy-settings.tsx')).PrivacySettings,
}));

export function SettingsPage() {
  const texts = useTexts(settingsTexts);
  const [search, setSearch] = useSearchParams();
  const asked = search.get('tab');
  const mayReadMails = useCan('mails:read');
  const mayReadPrivacy = useCan('privacy:read');
  const mayReadReplies = useCan('conversations:read');
  const mayReadWorkspace = useCan('members:read');
  const showsMails = useStart()?.mail === 'kept' && mayReadMails;
  const tabs = [
    { value: 'you', label: texts.you, content: <OwnSettings />, isOpen: true },
    { value: 'keyboard', label: texts.keyboard, content: <KeyboardSettings />, isOpen: true },
    {
      value: 'quick-replies',
      label: texts.quickReplies,
      content: <QuickReplySettings />,
      isOpen: mayReadReplies,
    },
    { value: 'workspace', label: texts.workspace, content: <WorkspaceSettings />, isOpen: mayReadWorkspace },
    {
      value: 'privacy',
      label: texts.privacy,
      content: (
        <Suspense>
          <PrivacySettings />
        </Suspense>
      ),
      isOpen: mayReadPrivacy,
    },
    { value: 'mails', label: texts.mails, content: <KeptMails />, isOpen: showsMails },
  ].filter(({ isOpen }) => isOpen);
  return (
    <Page title={texts.title} description={texts.intro}>
      <Tabs
        label={texts.title}
        value={tabs.find(({ value }) => value === asked)?.value ?? 'you'}
        onChange={(next) => setSearch(next === 'you' ? {} : { tab: next }, { replace: true })}
        tabs={tabs}
      />
    </Page>
  );
}

function OwnSettings() {
  const texts = useTexts(settingsTexts);
  const email = useTexts(emailTexts);
  const phone = useTexts(phoneNumberTexts);
  const start = useStart();
  const { byCompany } = useSession().me;
  return (
    <>
      <Section title={texts.account} {...(byCompany ? { description: texts.byCompany } : {})}>
        <AccountSettings />
      </Section>
      {!byCompany && (
        <>
          <Section title={email.title} description={email.text}>
            <EmailSettings />
          </Section>
          <Section title={phone.title} description={phone.text}>
            <PhoneNumberSettings />
          </Section>
        </>
      )}
      <Section title={texts.look}>
        <LookSettings />
      </Section>
      <Section title={texts.notifications}>
        <NotificationSettings />
        <QuietHoursSettings />
      </Section>
      {!byCompany && <AccountAccess />}
      <Section title={texts.sessions} description={texts.sessionsText}>
        <Sessions />
      </Section>
      <Section title={texts.about}>
        <dl className="grid grid-cols-[8rem_1fr] gap-y-2">
          <dt className="text-text-muted">{texts.version}</dt>
          <dd data-figures>{start?.version ?? '…'}</dd>
          <dt className="text-text-muted">API</dt>
          <dd>
            <a
              href="/api/docs"
              target="_blank"
              rel="noopener noreferrer"
              className="relative text-accent-text underline after:absolute after:-inset-3.5"
            >
              {texts.apiDocs}
            </a>
          </dd>
        </dl>
      </Section>
    </>
  );
}
