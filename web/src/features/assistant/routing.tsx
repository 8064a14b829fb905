// How questions find a model: a way to try it, what is private, who comes first, who comes last, and what went nowhere.
import { useTexts } from '../../lib/texts.ts';
import { Section } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { DryRunForm } from './routing-dry-run.tsx';
import { LastResort } from './routing-last-resort.tsx';
import { Orders } from './routing-order.tsx';
import { Overrides } from './routing-overrides.tsx';
import { Privacy } from './routing-privacy.tsx';
import { useRouting } from './routing-queries.ts';
import { Receipts } from './routing-receipts.tsx';
import { VectorModel } from './routing-vectors.tsx';
import { SectionPage } from './section-page.tsx';
import { routingTexts } from './texts-routing.ts';
import { sectionTexts } from './texts-sections.ts';
import { vectorTexts } from './texts-vectors.ts';

export function Routing() {
  const texts = useTexts(routingTexts);
  const sections = useTexts(sectionTexts);
  const vectors = useTexts(vectorTexts);
  const routing = useRouting();
  return (
    <SectionPage title={sections.routing} description={texts.intro}>
      <Section title={texts.dryRun} description={texts.dryRunText}>
        <DryRunForm />
      </Section>
      {routing.isPending && <SkeletonRows rows={5} />}
      {routing.isError && !routing.data && (
        <ErrorState error={routing.error} title={texts.unreadable} onRetry={() => void routing.refetch()} />
      )}
      {routing.data && (
        <>
          <Section title={texts.privacy} description={texts.privacyText}>
            <Privacy settings={routing.data} />
          </Section>
          <Orders settings={routing.data} />
          <Section title={texts.lastResort}>
            <LastResort settings={routing.data} />
          </Section>
          <Overrides settings={routing.data} />
          <Section title={vectors.title} description={vectors.intro}>
            <VectorModel settings={routing.data} />
          </Section>
        </>
      )}
      <Section title={texts.receipts} description={texts.receiptsText}>
        <Receipts />
      </Section>
    </SectionPage>
  );
}
