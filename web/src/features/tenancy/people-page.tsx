// The people page: members, the keys of programs, and what all of them did.
import { useSearchParams } from 'react-router';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { ApiKeys } from './api-keys.tsx';
import { Audit } from './audit.tsx';
import { auditTexts } from './audit-texts.ts';
import { Members } from './members.tsx';
import { peopleTexts } from './people-texts.ts';
import { RoleMatrix } from './role-matrix.tsx';

export function PeoplePage() {
  const texts = useTexts(peopleTexts);
  const [search, setSearch] = useSearchParams();
  const audit = useTexts(auditTexts);
  const mayAudit = useCan('audit:read');
  const mayReadMembers = useCan('members:read');
  const mayManageKeys = useCan('keys:manage');
  const asked = search.get('tab');
  const tabs = [
    { value: 'members', label: texts.members, content: <Members />, isOpen: mayReadMembers },
    { value: 'roles', label: texts.roles, content: <RoleMatrix />, isOpen: mayReadMembers },
    // Who sees the members is told who may see the keys.
    { value: 'keys', label: texts.keys, content: <ApiKeys />, isOpen: mayReadMembers || mayManageKeys },
    { value: 'audit', label: audit.tab, content: <Audit />, isOpen: mayAudit },
  ].filter(({ isOpen }) => isOpen);
  const tab = tabs.find(({ value }) => value === asked) ?? tabs[0];
  return (
    <Page title={texts.title} description={texts.intro} width="wide">
      <Tabs
        label={texts.title}
        value={tab?.value ?? ''}
        onChange={(next) => setSearch(next === tabs[0]?.value ? {} : { tab: next }, { replace: true })}
        tabs={tabs}
      />
    </Page>
  );
}
