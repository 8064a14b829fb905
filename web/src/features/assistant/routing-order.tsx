// Who is asked first, for each kind of waiting.
import { type LatencyClass, latencyClass, type RoutingSettings } from '@parley/contract/routing';
import { useState } from 'react';
import { Link } from 'react-router';
import { useTexts } from '../../lib/texts.ts';
import { Section } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { ModelOrder } from './model-order.tsx';
import { useChangeRouting } from './routing-queries.ts';
import { routingTexts } from './texts-routing.ts';

export function Orders({ settings }: { settings: RoutingSettings }) {
  const texts = useTexts(routingTexts);
  const [shown, setShown] = useState<LatencyClass>('message');
  const change = useChangeRouting();
  const words = { live: texts.liveText, message: texts.messageText, batch: texts.batchText };
  const names = { live: texts.liveTab, message: texts.messageTab, batch: texts.batchTab };
  return (
    <Section
      title={texts.orders}
      description={
        <>
          {texts.ordersText}{' '}
          <Link
            to="/assistant/behaviour"
            className="relative text-accent-text underline underline-offset-2 after:absolute after:-inset-3.5"
          >
            {texts.toBehaviour}
          </Link>
        </>
      }
    >
      <Tabs<LatencyClass>
        label={texts.classes}
        value={shown}
        onChange={setShown}
        tabs={latencyClass.options.map((value) => ({
          value,
          label: names[value],
          content: (
            <ModelOrder
              text={words[value]}
              order={settings.order[value]}
              onChange={(next) => change({ order: { ...settings.order, [value]: next } })}
            />
          ),
        }))}
      />
    </Section>
  );
}
