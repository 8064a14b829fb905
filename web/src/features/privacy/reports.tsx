// What was deleted: the proof, by run of the rules and by erased contact; each can be kept as a file.
import type { Erasure, RetentionRun } from '@parley/contract/privacy';
import { useFormat } from '../../lib/format.ts';
import { saveBlob } from '../../lib/save-file.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { useErasures, useRetentionRuns } from './queries.ts';
import { stateTones } from './state-tones.ts';
import { privacyTexts } from './texts.ts';

type Report = { readonly at: string } & (
  | { readonly kind: 'run'; readonly report: RetentionRun }
  | { readonly kind: 'erasure'; readonly report: Erasure }
);

export function Reports() {
  const texts = useTexts(privacyTexts);
  const [runs, erasures] = [useRetentionRuns(), useErasures()];
  const error = runs.error ?? erasures.error;
  if (error) {
    const retry = () => {
      void runs.refetch();
      void erasures.refetch();
    };
    return <ErrorState error={error} title={texts.unreadable} onRetry={retry} />;
  }
  if (!runs.data || !erasures.data) return <SkeletonRows rows={3} />;
  const reports: Report[] = [
    ...runs.data.items.map((report) => ({ kind: 'run' as const, at: report.startedAt, report })),
    ...erasures.data.items.map((report) => ({ kind: 'erasure' as const, at: report.createdAt, report })),
  ].sort((one, other) => (one.at < other.at ? 1 : -1));
  if (reports.length === 0) return <p className="text-text-muted">{texts.noReports}</p>;
  return (
    <ul className="divide-y divide-line">
      {reports.map((report) => (
        <ReportRow key={report.report.id} report={report} />
      ))}
    </ul>
  );
}

function ReportRow({ report: { kind, at, report } }: { report: Report }) {
  const texts = useTexts(privacyTexts);
  const format = useFormat();
  const save = () =>
    saveBlob(
      `parley-${kind}-${report.id}.json`,
      new Blob([JSON.stringify(report, null, 2)], { type: 'application/json' }),
    );
  const rows =
    kind === 'run'
      ? report.results.reduce((sum, result) => sum + result.rows, 0)
      : report.counts.reduce((sum, count) => sum + count.erased, 0);
  const search = kind === 'erasure' ? report.report : null;
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <span className="min-w-0 flex-1 basis-48">
        <span className="block font-medium">
          {kind === 'run' ? texts.runOf : texts.erasureOf} · {texts.records(format.number(rows), rows)}
        </span>
        <span className="block text-meta text-text-muted">
          <Time at={at} />
          {search &&
            ` · ${texts.found(search.found.reduce((sum, one) => sum + one.rows, 0))} · ${texts.searched(search.tables, search.files)}`}
        </span>
      </span>
      {report.state !== 'done' && <Chip tone={stateTones[report.state]}>{texts[report.state]}</Chip>}
      <Button size="small" onClick={save}>
        {texts.saveReport}
      </Button>
    </li>
  );
}
