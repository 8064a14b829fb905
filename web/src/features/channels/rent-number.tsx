// Searches numbers that are free, and rents one after saying what it means.
import type { AvailableNumbers, Channel, GhostNumber } from '@parley/contract/channels';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { formatPhone } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query.ts';
import { currentLanguage, useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog, Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { channelsTexts } from './texts.ts';

const countries = ['US', 'CA', 'GB', 'ES', 'PT', 'BR', 'MX', 'AR', 'CO', 'CL', 'DE', 'FR'] as const;
type Country = (typeof countries)[number];

export function RentNumber({ channels, onClose }: { channels: readonly Channel[]; onClose: () => void }) {
  const texts = useTexts(channelsTexts);
  const client = useQueryClient();
  const countryNames = new Intl.DisplayNames(currentLanguage(), { type: 'region' });
  const [channelId, setChannelId] = useState(channels[0]?.id ?? '');
  const [country, setCountry] = useState<Country>('US');
  const [contains, setContains] = useState('');
  const [renting, setRenting] = useState<string | null>(null);
  const search = useMutation({
    mutationFn: () =>
      api.get<AvailableNumbers>('/api/v1/ghost-numbers/available', {
        query: { channelId, country, contains: contains.replace(/\D/g, '') },
      }),
    onError: toastError,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!search.isPending) search.mutate();
  };
  const rent = async (phoneNumber: string) => {
    await api.post<GhostNumber>(
      '/api/v1/ghost-numbers',
      { channelId, phoneNumber },
      { idempotencyKey: newIdempotencyKey() },
    );
    await client.invalidateQueries({ queryKey: queryKeys.channels });
    toast({ text: texts.ordered(formatPhone(phoneNumber)), tone: 'success' });
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={texts.rent}
      description={texts.rentText}
    >
      <form onSubmit={submit} className="mb-4 flex flex-wrap items-end gap-2">
        {channels.length > 1 && (
          <Field label={texts.connected}>
            <Select
              value={channelId}
              options={channels.map(({ id, name }) => ({ value: id, label: name }))}
              onChange={setChannelId}
            />
          </Field>
        )}
        <Field label={texts.country} className="w-40">
          <Select<Country>
            value={country}
            options={countries.map((code) => ({ value: code, label: countryNames.of(code) ?? code }))}
            onChange={setCountry}
          />
        </Field>
        <Field label={texts.contains} className="w-36">
          <Input inputMode="numeric" value={contains} onChange={(event) => setContains(event.target.value)} />
        </Field>
        <Button type="submit" variant="primary" busy={search.isPending}>
          {texts.search}
        </Button>
      </form>
      <ul aria-live="polite" className="min-h-24">
        {search.data?.items.length === 0 && <li className="text-text-muted">{texts.noFound}</li>}
        {search.data?.items.map(({ phoneNumber, label }) => (
          <li
            key={phoneNumber}
            className="flex items-center justify-between gap-3 border-line border-b py-2 last:border-0"
          >
            <span data-figures>
              {formatPhone(phoneNumber)} <span className="text-meta text-text-muted">{label}</span>
            </span>
            <Button size="small" onClick={() => setRenting(phoneNumber)}>
              {texts.rentThis}
            </Button>
          </li>
        ))}
      </ul>
      {renting && (
        <ConfirmDialog
          open
          onOpenChange={() => setRenting(null)}
          title={texts.rentTitle(formatPhone(renting))}
          text={texts.rentConfirm}
          actionLabel={texts.rentThis}
          onConfirm={() => rent(renting)}
        />
      )}
    </Dialog>
  );
}
