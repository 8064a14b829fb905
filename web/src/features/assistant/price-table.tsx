// What providers ask for a million tokens, as a table that is changed where it stands and saved as a whole.
import type { PriceList } from '@parley/contract/models';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useLocation } from 'react-router';
import { api } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Input } from '../../ui/input.tsx';
import { Section } from '../../ui/page.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { isWrong, readNumber } from './model-draft.ts';
import { pricesKey, useModels, usePrices } from './model-queries.ts';
import { modelTexts } from './texts-models.ts';

const anchor = 'prices';
/** Where this table stands. */
export const pricesPath = `/assistant/models#${anchor}`;

interface Row {
  readonly key: number;
  readonly model: string;
  readonly read: string;
  readonly written: string;
}

const rowsOf = ({ items }: PriceList): Row[] =>
  items.map(({ model, inputPriceMicros, outputPriceMicros }, key) => ({
    key,
    model,
    read: String(inputPriceMicros / 1e6),
    written: String(outputPriceMicros / 1e6),
  }));

export function PriceTable() {
  const texts = useTexts(modelTexts);
  const { data } = usePrices();
  const place = useRef<HTMLDivElement>(null);
  const { hash } = useLocation();
  const isMeant = hash === `#${anchor}` && data !== undefined;
  useEffect(() => {
    if (isMeant) place.current?.scrollIntoView();
  }, [isMeant]);
  return (
    <div ref={place} id={anchor}>
      <Section title={texts.prices} description={texts.pricesText}>
        {/* Written anew when somebody else has changed it. */}
        {data && <Rows key={JSON.stringify(data)} list={data} />}
      </Section>
    </div>
  );
}

/** An entry of the list says a price: 0 where it is free. */
const isBadPrice = (text: string) => text.trim() === '' || isWrong('inputPrice', text);

function Rows({ list }: { list: PriceList }) {
  const texts = useTexts(modelTexts);
  const mayManage = useCan('assistant:manage');
  const client = useQueryClient();
  const models = useModels();
  const [rows, setRows] = useState(() => rowsOf(list));
  const nextKey = useRef(rows.length);
  const form = useRef<HTMLFormElement>(null);
  const isChanged = JSON.stringify(rows) !== JSON.stringify(rowsOf(list));
  const isTwice = (row: Row) =>
    rows.some(({ key, model }) => key !== row.key && model.trim() === row.model.trim() && model !== '');
  const isBad = (row: Row) =>
    row.model.trim() === '' || isTwice(row) || isBadPrice(row.read) || isBadPrice(row.written);
  const change = (key: number, part: Partial<Row>) =>
    setRows((before) => before.map((row) => (row.key === key ? { ...row, ...part } : row)));
  const save = useMutation({
    mutationFn: () =>
      api.put<PriceList>('/api/v1/model-prices', {
        items: rows.map(({ model, read, written }) => ({
          model: model.trim(),
          inputPriceMicros: Math.round(readNumber(read) * 1e6),
          outputPriceMicros: Math.round(readNumber(written) * 1e6),
        })),
      }),
    onSuccess: (saved) => {
      client.setQueryData(pricesKey, saved);
      toast({ text: texts.pricesSaved, tone: 'success' });
    },
    onError: toastError,
  });
  const add = () => {
    const key = nextKey.current++;
    const priced = new Set(rows.map(({ model }) => model));
    // What has no price yet is probably what the price is for.
    const others = models.data?.items.filter((one) => !priced.has(one.model)) ?? [];
    const model = (others.find(({ price }) => price === null) ?? others[0])?.model ?? '';
    setRows((before) => [...before, { key, model, read: '', written: '' }]);
    requestAnimationFrame(() => [...(form.current?.querySelectorAll('input') ?? [])].at(-3)?.focus());
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isChanged && !save.isPending && !rows.some(isBad)) save.mutate();
  };
  return (
    <form ref={form} onSubmit={submit}>
      {rows.length === 0 ? (
        <p className="text-text-muted">{texts.noPrices}</p>
      ) : (
        <fieldset disabled={!mayManage}>
          <legend className="sr-only">{texts.prices}</legend>
          <div
            aria-hidden="true"
            className="grid grid-cols-[minmax(0,1fr)_7rem_7rem_2rem] gap-2 text-meta text-text-muted phone:grid-cols-[minmax(0,1fr)_5rem_5rem_2.75rem]"
          >
            <span>{texts.model}</span>
            <span>{texts.read}</span>
            <span>{texts.written}</span>
          </div>
          <ul>
            {rows.map((row) => (
              <li
                key={row.key}
                className="mt-1.5 grid grid-cols-[minmax(0,1fr)_7rem_7rem_2rem] items-center gap-2 phone:grid-cols-[minmax(0,1fr)_5rem_5rem_2.75rem]"
              >
                <Input
                  aria-label={texts.model}
                  aria-invalid={isTwice(row) || row.model.trim() === '' || undefined}
                  value={row.model}
                  onChange={(event) => change(row.key, { model: event.target.value })}
                />
                {(['read', 'written'] as const).map((side) => (
                  <Input
                    key={side}
                    aria-label={`${row.model}: ${texts[side]}`}
                    aria-invalid={isBadPrice(row[side]) || undefined}
                    inputMode="decimal"
                    value={row[side]}
                    onChange={(event) => change(row.key, { [side]: event.target.value })}
                  />
                ))}
                {mayManage && (
                  <IconButton
                    label={texts.removePrice(row.model)}
                    icon={Trash2}
                    onClick={() => setRows((before) => before.filter(({ key }) => key !== row.key))}
                  />
                )}
              </li>
            ))}
          </ul>
        </fieldset>
      )}
      <p role="alert" className="mt-2 empty:hidden text-danger-text text-meta">
        {rows.some(isTwice) && texts.twice}
      </p>
      {mayManage && (
        <div className="mt-3 flex flex-wrap gap-2">
          <Button icon={Plus} onClick={add}>
            {texts.addPrice}
          </Button>
          {isChanged && (
            <>
              <Button type="submit" variant="primary" busy={save.isPending} disabled={rows.some(isBad)}>
                {texts.savePrices}
              </Button>
              <Button variant="bare" onClick={() => setRows(rowsOf(list))}>
                {texts.discard}
              </Button>
            </>
          )}
        </div>
      )}
    </form>
  );
}
