// The caps: how much of each is used, what happens then, and whom they have warned or stopped.
import type { Cap } from '@parley/contract/budgets';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleStop, Ellipsis, Gauge, Pencil, Plus, Trash2, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'react-router';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { formatPhone, useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Section } from '../../ui/page.tsx';
import { Progress } from '../../ui/progress.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { CapForm } from './cap-form.tsx';
import type { PickedContact } from './contact-picker.tsx';
import { currency } from './model-state.tsx';
import { capsKey, capsPath, useCaps } from './spending-queries.ts';
import { spendingTexts } from './texts-spending.ts';

export function Caps() {
  const texts = useTexts(spendingTexts);
  const mayManage = useCan('assistant:manage');
  const caps = useCaps();
  // From a conversation's details: a cap for who is in it.
  const { state } = useLocation();
  const capFor = (state as { capFor?: PickedContact } | null)?.capFor ?? null;
  const [editing, setEditing] = useState<Cap | 'new' | null>(mayManage && capFor ? 'new' : null);
  const add = mayManage && (
    <Button icon={Plus} data-stays onClick={() => setEditing('new')}>
      {texts.addCap}
    </Button>
  );
  const isEmpty = caps.data?.length === 0;
  return (
    <Section title={texts.caps} description={texts.capsText} actions={caps.data && !isEmpty && add}>
      {caps.isPending && <SkeletonRows rows={2} />}
      {caps.isError && !caps.data && (
        <ErrorState error={caps.error} title={texts.capsUnreadable} onRetry={() => void caps.refetch()} />
      )}
      {isEmpty && <EmptyState icon={Gauge} title={texts.noCaps} text={texts.noCapsText} action={add} />}
      {caps.data && !isEmpty && (
        <ul aria-label={texts.caps}>
          {caps.data.map((cap) => (
            <CapRow key={cap.id} cap={cap} onEdit={() => setEditing(cap)} />
          ))}
        </ul>
      )}
      {editing && (
        <CapForm cap={editing === 'new' ? null : editing} contact={capFor} onClose={() => setEditing(null)} />
      )}
    </Section>
  );
}

function useAmount(unit: Cap['unit']): (amount: number) => string {
  const texts = useTexts(spendingTexts);
  const format = useFormat();
  return (amount) =>
    unit === 'money'
      ? format.money(amount, currency)
      : (unit === 'tokens' ? texts.tokensOf : texts.segmentsOf)(format.number(amount));
}

function CapRow({ cap, onEdit }: { cap: Cap; onEdit: () => void }) {
  const texts = useTexts(spendingTexts);
  const format = useFormat();
  const mayManage = useCan('assistant:manage');
  const amount = useAmount(cap.unit);
  const remove = useRemoveCap(cap);
  const whose =
    cap.scope === 'contact' && cap.subjectId
      ? cap.subjectName === null
        ? texts.oneContact
        : formatPhone(cap.subjectName)
      : texts[cap.scope];
  const name = `${whose}, ${cap.period === 'day' ? texts.aDay : texts.aMonth}`;
  const used = cap.spent === null ? null : cap.spent + (cap.reserved ?? 0);
  const facts = [
    texts.warnsAt(format.percent(cap.warnPercent / 100)),
    texts.thenShort(texts[cap.whenReached].toLocaleLowerCase()),
    ...(cap.reserved ? [texts.held(amount(cap.reserved))] : []),
  ];
  return (
    <li className="flex items-start gap-2 border-line border-b py-3 last:border-0">
      <div className="min-w-0 grow">
        <div className="mb-1 flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{name}</span>
          <Told cap={cap} />
        </div>
        {used === null ? (
          <p data-figures>{texts.eachUpTo(amount(cap.limit))}</p>
        ) : (
          <Progress
            name={name}
            label={texts.spentOf(amount(used), amount(cap.limit))}
            value={cap.limit === 0 ? 1 : used / cap.limit}
          />
        )}
        <p data-figures className="mt-1 text-meta text-text-muted">
          {facts.join(' · ')}
        </p>
      </div>
      {mayManage && (
        <Menu
          align="end"
          trigger={<IconButton label={texts.more(name)} icon={Ellipsis} />}
          items={[
            { label: texts.edit, icon: Pencil, onSelect: onEdit },
            { label: texts.remove, icon: Trash2, tone: 'danger', onSelect: () => remove(name) },
          ]}
        />
      )}
    </li>
  );
}

/** What it warned of or stopped in this period. */
function Told({ cap: { scope, subjectId, warned, reached } }: { cap: Cap }) {
  const texts = useTexts(spendingTexts);
  const format = useFormat();
  const isOfMany = scope === 'contact' && subjectId === null;
  return (
    <>
      {warned > 0 && (reached === 0 || isOfMany) && (
        <Chip tone="warning" icon={TriangleAlert}>
          {isOfMany ? texts.warnedContacts(warned, format.number(warned)) : texts.warned}
        </Chip>
      )}
      {reached > 0 && (
        <Chip tone="danger" icon={CircleStop}>
          {isOfMany ? texts.reachedContacts(reached, format.number(reached)) : texts.reached}
        </Chip>
      )}
    </>
  );
}

/** Takes it away at once, and offers to set it again as it was. */
function useRemoveCap(cap: Cap): (name: string) => void {
  const texts = useTexts(spendingTexts);
  const client = useQueryClient();
  const readAgain = () => client.invalidateQueries({ queryKey: capsKey });
  const restore = useMutation({
    mutationFn: () => {
      const { id: _, spent: _spent, reserved: _reserved, warned: _warned, reached: _reached, ...rest } = cap;
      const { updatedAt: _updatedAt, subjectName: _name, ...input } = rest;
      return api.post<Cap>(capsPath, input, { idempotencyKey: newIdempotencyKey() });
    },
    onError: toastError,
    onSettled: readAgain,
  });
  const remove = useMutation({
    mutationFn: () => api.delete(`${capsPath}/${cap.id}`),
    onMutate: () =>
      client.setQueryData<{ items: Cap[] }>(
        capsKey,
        (caps) => caps && { items: caps.items.filter(({ id }) => id !== cap.id) },
      ),
    onError: toastError,
    onSettled: readAgain,
  });
  return (name) => {
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-stays]')?.focus());
    remove.mutate(undefined, {
      onSuccess: () => toast({ text: texts.capRemoved(name), onAction: () => restore.mutate() }),
    });
  };
}
