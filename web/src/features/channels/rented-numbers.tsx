// Numbers that Parley rented: their state, renting another one, giving one back.
import type { GhostNumber } from '@parley/contract/channels';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Phone, Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { formatPhone } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Chip, type Tone } from '../../ui/chip.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { useChannelList } from './queries.ts';
import { RentNumber } from './rent-number.tsx';
import { channelsTexts } from './texts.ts';

const firstCursor: string | null = null;
const tones: Readonly<Record<GhostNumber['status'], Tone>> = {
  pending: 'info',
  bought: 'success',
  failed: 'danger',
  releasing: 'warning',
  released: 'neutral',
};

export function RentedNumbers() {
  const texts = useTexts(channelsTexts);
  const shared = useTexts(sharedTexts);
  const mayManage = useCan('channels:manage');
  const [renting, setRenting] = useState(false);
  const channels = useChannelList();
  const numbers = useInfiniteQuery({
    queryKey: [...queryKeys.channels, 'rented'],
    queryFn: ({ pageParam, signal }) =>
      api.get<{ items: GhostNumber[]; nextCursor: string | null }>('/api/v1/ghost-numbers', {
        query: { cursor: pageParam },
        signal,
      }),
    initialPageParam: firstCursor,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  if (numbers.isPending) return <SkeletonRows rows={2} />;
  if (numbers.isError) return <ErrorState error={numbers.error} onRetry={() => void numbers.refetch()} />;
  const items = numbers.data.pages.flatMap((page) => page.items);
  const payers = channels.data?.items.filter(({ capabilities }) => capabilities.numbers) ?? [];
  const rent = mayManage && payers.length > 0 && (
    <Button variant="primary" icon={Plus} onClick={() => setRenting(true)}>
      {texts.rent}
    </Button>
  );
  return (
    <>
      {items.length === 0 ? (
        <EmptyState
          icon={Phone}
          title={texts.noRented}
          text={payers.length > 0 ? texts.rentText : texts.rentNeedsChannel}
          action={rent}
        />
      ) : (
        <>
          <div className="mb-2 flex justify-end">{rent}</div>
          <ul>
            {items.map((number) => (
              <NumberRow key={number.id} number={number} />
            ))}
          </ul>
          {numbers.hasNextPage && (
            <Button
              className="mt-4"
              busy={numbers.isFetchingNextPage}
              onClick={() => void numbers.fetchNextPage()}
            >
              {shared.showMore}
            </Button>
          )}
        </>
      )}
      {renting && <RentNumber channels={payers} onClose={() => setRenting(false)} />}
    </>
  );
}

function NumberRow({ number }: { number: GhostNumber }) {
  const texts = useTexts(channelsTexts);
  const mayManage = useCan('channels:manage');
  const client = useQueryClient();
  const [releasing, setReleasing] = useState(false);
  const words: Readonly<Record<GhostNumber['status'], string>> = {
    pending: texts.numberPending,
    bought: texts.numberBought,
    failed: texts.numberFailed,
    releasing: texts.numberReleasing,
    released: texts.numberReleased,
  };
  const shown = formatPhone(number.phoneNumber);
  return (
    <li className="border-line border-b py-3 last:border-0">
      <div className="flex items-center gap-3">
        <span className="min-w-0 grow">
          <span data-figures className="block font-medium">
            {shown}
          </span>
          <span className="text-meta text-text-muted">
            {number.name} <Time at={number.createdAt} />
          </span>
        </span>
        <Chip tone={tones[number.status]}>{words[number.status]}</Chip>
        {mayManage && number.status === 'bought' && (
          <Button size="small" aria-label={`${texts.release}: ${shown}`} onClick={() => setReleasing(true)}>
            {texts.release}
          </Button>
        )}
      </div>
      {number.explanation && (
        <p className="mt-1 text-danger-text text-meta">
          {number.explanation.message} {number.explanation.action}
        </p>
      )}
      <ConfirmDialog
        open={releasing}
        onOpenChange={setReleasing}
        danger
        title={texts.releaseTitle(shown)}
        text={texts.releaseText}
        actionLabel={texts.release}
        onConfirm={async () => {
          await api.delete(`/api/v1/ghost-numbers/${number.id}`);
          await client.invalidateQueries({ queryKey: queryKeys.channels });
          toast({ text: texts.releasing(shown) });
        }}
      />
    </li>
  );
}
