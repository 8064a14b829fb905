// The people page: members, and the keys of programs.
import { useSearchParams } from 'react-router';
import { useTexts } from '../../lib/texts.ts';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { ApiKeys } from './api-keys.tsx';
import { Members } from './members.tsx';
import { peopleTexts } from './people-texts.ts';

export function PeoplePage() {
  const texts = useTexts(peopleTexts);
  const [search, setSearch] = useSearchParams();
  const tab = search.get('tab') === 'keys' ? 'keys' : 'members';
  return (
    <Page title={texts.title} description={texts.intro} width="wide">
      <Tabs
        label={texts.title}
        value={tab}
        onChange={(next) => setSearch(next === 'keys' ? { tab: next } : {}, { replace: true })}
        tabs={[
          { value: 'members', label: texts.members, content: <Members /> },
          { value: 'keys', label: texts.keys, content: <ApiKeys /> },
        ]}
      />
    </Page>
  );
}
