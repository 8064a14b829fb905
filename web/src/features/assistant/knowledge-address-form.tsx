// Adds a page or a site by its address, and changes what a member may say about whatever is read: its title, and when it is
// looked at again.
import type { TrainingDataDetail } from '@parley/contract/training-data';
import { useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { FormDialog, focusWrong } from './form-dialog.tsx';
import { sourceTexts } from './texts-source.ts';
import { useSaveSource } from './use-save-source.ts';

const never = 'never';
const dayHours = 24;
const weekHours = 168;
const monthHours = 720;
const pagesDefault = 100;
const pagesLimit = 500;
const depthDefault = 2;
const depths = [0, 1, 2, 3, 4, 5];

type AddressFormProps = { onClose: () => void } & (
  | { kind: 'page' | 'sitemap'; source: null }
  | { kind: 'file' | 'page' | 'sitemap'; source: TrainingDataDetail }
);

export function AddressForm({ kind, source, onClose }: AddressFormProps) {
  const texts = useTexts(sourceTexts);
  const shared = useTexts(sharedTexts);
  const format = useFormat();
  const [url, setUrl] = useState('');
  const [title, setTitle] = useState(source?.title ?? '');
  const [pages, setPages] = useState(String(source?.pagesMax ?? pagesDefault));
  const [depth, setDepth] = useState(source?.depth ?? depthDefault);
  const [hours, setHours] = useState<number | null>(source ? source.refetchHours : weekHours);
  const [heldBack, setHeldBack] = useState(false);
  const [told, setTold] = useState(false);
  const save = useSaveSource(onClose);
  const isSite = kind === 'sitemap';
  const urlError = source || isAddress(url) ? null : texts.addressWrong;
  const pagesMax = Number(pages);
  const pagesWrong = isSite && !(Number.isInteger(pagesMax) && pagesMax >= 1 && pagesMax <= pagesLimit);
  const submit = () => {
    setTold(true);
    if (urlError || pagesWrong) return focusWrong();
    const given = title.trim();
    if (source) {
      const change = {
        ...(given === source.title ? {} : { title: given === '' ? null : given }),
        ...(kind === 'file' ? {} : { refetchHours: hours }),
        ...(isSite ? { pagesMax, depth } : {}),
      };
      return save.mutate({ id: source.id, change });
    }
    const common = {
      url: url.trim(),
      refetchHours: hours,
      live: !heldBack,
      ...(given === '' ? {} : { title: given }),
    };
    save.mutate({ input: isSite ? { kind, ...common, pagesMax, depth } : { kind: 'page', ...common } });
  };
  return (
    <FormDialog
      title={source ? texts.editOther : isSite ? texts.addSitemap : texts.addPage}
      actionLabel={source ? shared.save : texts.addAction}
      busy={save.isPending}
      error={save.error}
      onSubmit={submit}
      onClose={onClose}
    >
      {!source && (
        <Field
          label={texts.address}
          hint={isSite ? texts.sitemapHint : texts.pageHint}
          error={told ? urlError : null}
        >
          <Input
            type="url"
            inputMode="url"
            autoComplete="off"
            placeholder="https://"
            maxLength={2000}
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
        </Field>
      )}
      <Field label={texts.title} hint={texts.ownTitleHint} optional>
        <Input value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} />
      </Field>
      {isSite && (
        <Field
          label={texts.pagesMax}
          hint={texts.pagesMaxHint}
          error={told && pagesWrong ? texts.pagesMaxWrong : null}
        >
          <Input
            inputMode="numeric"
            className="max-w-32"
            value={pages}
            onChange={(event) => setPages(event.target.value)}
          />
        </Field>
      )}
      {isSite && (
        <Field label={texts.depth} hint={texts.depthHint}>
          <Select
            value={String(depth)}
            options={depths.map((each) => ({
              value: String(each),
              label: texts.depthOf(each, format.number(each)),
            }))}
            onChange={(value) => setDepth(Number(value))}
          />
        </Field>
      )}
      {kind !== 'file' && (
        <Field label={texts.refetch} hint={texts.refetchHint}>
          <RefetchSelect hours={hours} onChange={setHours} />
        </Field>
      )}
      {!source && <Checkbox label={texts.holdBack} checked={heldBack} onChange={setHeldBack} />}
    </FormDialog>
  );
}

interface RefetchSelectProps {
  hours: number | null;
  onChange: (hours: number | null) => void;
}

function RefetchSelect({ hours, onChange }: RefetchSelectProps) {
  const name = useRefetchName();
  const usual = [null, dayHours, weekHours, monthHours];
  // Set over the API, it may be any number.
  const offered = usual.includes(hours) ? usual : [...usual, hours];
  return (
    <Select
      value={hours === null ? never : String(hours)}
      options={offered.map((each) => ({ value: each === null ? never : String(each), label: name(each) }))}
      onChange={(value) => onChange(value === never ? null : Number(value))}
    />
  );
}

function useRefetchName(): (hours: number | null) => string {
  const texts = useTexts(sourceTexts);
  const format = useFormat();
  const names = new Map<number | null, string>([
    [null, texts.refetchNever],
    [dayHours, texts.refetchDaily],
    [weekHours, texts.refetchWeekly],
    [monthHours, texts.refetchMonthly],
  ]);
  return (hours) => names.get(hours) ?? texts.refetchHours(format.number(hours ?? 0));
}

function isAddress(text: string): boolean {
  return /^https?:\/\/[^\s]+$/i.test(text.trim()) && URL.canParse(text.trim());
}
