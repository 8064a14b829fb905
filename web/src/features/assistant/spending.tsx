// What was spent, and what may be.
import { useTexts } from '../../lib/texts.ts';
import { Caps } from './caps.tsx';
import { SectionPage } from './section-page.tsx';
import { sectionTexts } from './texts-sections.ts';
import { spendingTexts } from './texts-spending.ts';
import { UsageSection } from './usage.tsx';

export function Spending() {
  const { spending } = useTexts(sectionTexts);
  const { intro } = useTexts(spendingTexts);
  return (
    <SectionPage title={spending} description={intro}>
      <Caps />
      <UsageSection />
    </SectionPage>
  );
}
