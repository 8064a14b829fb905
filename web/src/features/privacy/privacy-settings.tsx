// Data and privacy: how long things are kept, whom the assistant may answer, exports, legal holds, and what was deleted.
import { ShieldCheck } from 'lucide-react';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Section } from '../../ui/page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { ConsentRules } from './consent-rules.tsx';
import { Exports } from './exports.tsx';
import { Holds } from './holds.tsx';
import { Reports } from './reports.tsx';
import { RetentionRules } from './retention-rules.tsx';
import { privacyTexts } from './texts.ts';
import { WorkspaceErasureNote, WorkspaceErasureSettings } from './workspace-erasure.tsx';

export function PrivacySettings() {
  const texts = useTexts(privacyTexts);
  if (!useCan('privacy:read')) return <EmptyState icon={ShieldCheck} title={texts.mayNot} />;
  return (
    <>
      <WorkspaceErasureNote />
      <Section title={texts.retention} description={texts.retentionText}>
        <RetentionRules />
      </Section>
      <Section title={texts.consent} description={texts.consentText}>
        <ConsentRules />
      </Section>
      <Section title={texts.exports} description={texts.exportsText}>
        <Exports />
      </Section>
      <Section title={texts.holds} description={texts.holdsText}>
        <Holds />
      </Section>
      <Section title={texts.reports} description={texts.reportsText}>
        <Reports />
      </Section>
      <Section title={texts.endWorkspace} description={texts.endWorkspaceText}>
        <WorkspaceErasureSettings />
      </Section>
    </>
  );
}
