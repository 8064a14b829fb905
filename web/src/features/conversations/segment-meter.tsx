// What a text will cost the carrier, while it is written; and when one character doubles it, which, and the way out.
import { countSegments, toGsm7 } from '@parley/contract/segments';
import { useMemo } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { composeTexts } from './texts-compose.ts';

/** Characters that are named in a row. */
const namedMax = 4;

export interface SegmentAdvice {
  /** The text without what makes it dearer. */
  readonly text: string;
  readonly characters: readonly string[];
  readonly segmentsSaved: number;
}

/** Null when no typography makes the text dearer. Pure. */
export function adviseOn(text: string): SegmentAdvice | null {
  const now = countSegments(text);
  if (now.encoding === 'GSM-7') return null;
  const cheaper = toGsm7(text);
  if (cheaper.changes.length === 0) return null;
  const segmentsSaved = now.segments - countSegments(cheaper.body).segments;
  if (segmentsSaved <= 0) return null;
  return { text: cheaper.body, characters: cheaper.changes.map(({ from }) => from), segmentsSaved };
}

interface SegmentMeterProps {
  readonly text: string;
  /** Takes the cheaper text. */
  readonly onReplace: (text: string) => void;
}

export function SegmentMeter({ text, onReplace }: SegmentMeterProps) {
  const texts = useTexts(composeTexts);
  const format = useFormat();
  const count = useMemo(() => countSegments(text), [text]);
  const advice = useMemo(() => adviseOn(text), [text]);
  if (text === '') return null;
  const { segments, unitsUsed, unitsPerSegment, encoding } = count;
  const left = segments * unitsPerSegment - unitsUsed;
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-meta text-text-muted">
      <span data-figures title={texts.segmentsHint(encoding)}>
        {texts.segments(segments)}
        <span aria-hidden="true"> · {texts.charactersLeft(format.number(Math.max(0, left)))}</span>
      </span>
      {advice && (
        <span role="status" className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
          <span className="text-warning-text">
            {texts.costsMore(advice.segmentsSaved)}{' '}
            {advice.characters.slice(0, namedMax).map((character) => (
              <code key={character} className="mr-1 rounded-small border border-current/40 px-1 font-sans">
                {nameOf(character)}
              </code>
            ))}
          </span>
          <Button size="small" onClick={() => onReplace(advice.text)}>
            {texts.makeCheaper}
          </Button>
        </span>
      )}
    </div>
  );
}

/** A character as it can be seen: spaces and invisible ones by their number. */
function nameOf(character: string): string {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character)
    ? character
    : `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
