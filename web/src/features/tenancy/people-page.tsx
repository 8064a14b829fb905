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
  const asked = search.get('tab');
  const tab = asked === 'keys' || asked === 'roles' || (asked === 'audit' && mayAudit) ? asked : 'members';
  return (
    <Page title={texts.title} description={texts.intro} width="wide">
      <Tabs
        label={texts.title}
        value={tab}
        onChange={(next) => setSearch(next === 'members' ? {} : { tab: next }, { replace: true })}
        tabs={[
          { value: 'members', label: texts.members, content: <Members /> },
          { value: 'roles', label: texts.roles, content: <RoleMatrix /> },
          { value: 'keys', label: texts.keys, content: <ApiKeys /> },
          ...(mayAudit ? [{ value: 'audit' as const, label: audit.tab, content: <Audit /> }] : []),
        ]}
      />
    </Page>
  );
}
