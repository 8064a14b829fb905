// Connected addresses, their health, and connecting another one.
import { Navigate, Route, Routes, useSearchParams } from 'react-router';
import { useTexts } from '../../lib/texts.ts';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { ChannelDetail } from './channel-detail.tsx';
import { ChannelList } from './channel-list.tsx';
import { RentedNumbers } from './rented-numbers.tsx';
import { channelsTexts } from './texts.ts';

export function ChannelsPage() {
  return (
    <Routes>
      <Route index element={<Overview />} />
      <Route path=":channelId" element={<ChannelDetail />} />
      <Route path="*" element={<Navigate to="/channels" replace />} />
    </Routes>
  );
}

function Overview() {
  const texts = useTexts(channelsTexts);
  const [search, setSearch] = useSearchParams();
  const tab = search.get('tab') === 'rented' ? 'rented' : 'connected';
  return (
    <Page title={texts.title} description={texts.intro}>
      <Tabs
        label={texts.title}
        value={tab}
        onChange={(next) => setSearch(next === 'rented' ? { tab: next } : {}, { replace: true })}
        tabs={[
          { value: 'connected', label: texts.connected, content: <ChannelList /> },
          { value: 'rented', label: texts.rented, content: <RentedNumbers /> },
        ]}
      />
    </Page>
  );
}
