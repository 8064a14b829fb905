// Models in an order: places that are changed with buttons, so that every hand reaches them.
import { ArrowDown, ArrowUp, Minus, Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { useModels } from './model-queries.ts';
import { moved } from './move.ts';
import { routingTexts } from './texts-routing.ts';

interface ModelOrderProps {
  /** What comes after those that have a place. */
  text: string;
  order: readonly string[];
  onChange: (order: string[]) => void;
}

export function ModelOrder({ text, order: given, onChange }: ModelOrderProps) {
  const texts = useTexts(routingTexts);
  const format = useFormat();
  const mayManage = useCan('assistant:manage');
  const models = useModels();
  const list = useRef<HTMLDivElement>(null);
  const [said, setSaid] = useState('');
  const all = models.data?.items ?? [];
  const nameOf = (id: string) => all.find((model) => model.id === id)?.name;
  // A model that is gone may still have its place.
  const order = given.filter((id) => nameOf(id) !== undefined);
  const others = all.filter(({ id }) => !order.includes(id));
  const put = (next: readonly string[], id: string) => {
    onChange([...next]);
    const at = next.indexOf(id);
    setSaid(at < 0 ? '' : texts.isAt(nameOf(id) ?? '', format.number(at + 1), format.number(next.length)));
    // The row has moved, and with it the button that was pressed: it is disabled where it ends.
    requestAnimationFrame(() => {
      const row = list.current?.querySelector(`[data-model="${id}"]`);
      const buttons = [...(row?.querySelectorAll<HTMLButtonElement>('button:not(:disabled)') ?? [])];
      if (!buttons.some((button) => button === document.activeElement)) buttons[0]?.focus();
    });
  };
  if (models.data && all.length === 0) return <p className="text-text-muted">{texts.noneAtAll}</p>;
  return (
    <div ref={list}>
      <p className="mb-3 max-w-measure text-text-muted">{text}</p>
      <p role="status" className="sr-only">
        {said}
      </p>
      {order.length > 0 && (
        <ol aria-label={texts.placed}>
          {order.map((id, index) => {
            const name = nameOf(id) ?? '';
            return (
              <li key={id} data-model={id} className="flex min-h-11 items-center gap-3 border-line border-b">
                <span data-figures className="w-5 text-right text-text-muted">
                  {format.number(index + 1)}
                </span>
                <span className="min-w-0 grow truncate font-medium">{name}</span>
                {mayManage && (
                  <span className="flex">
                    <IconButton
                      label={texts.up(name)}
                      icon={ArrowUp}
                      disabled={index === 0}
                      onClick={() => put(moved(order, index, index - 1), id)}
                    />
                    <IconButton
                      label={texts.down(name)}
                      icon={ArrowDown}
                      disabled={index === order.length - 1}
                      onClick={() => put(moved(order, index, index + 1), id)}
                    />
                    <IconButton
                      label={texts.unplace(name)}
                      icon={Minus}
                      onClick={() =>
                        put(
                          order.filter((each) => each !== id),
                          id,
                        )
                      }
                    />
                  </span>
                )}
              </li>
            );
          })}
        </ol>
      )}
      {others.length > 0 && (
        <>
          {order.length > 0 && <h3 className="mt-5 mb-1 text-meta text-text-muted">{texts.others}</h3>}
          <ul aria-label={texts.others}>
            {others.map(({ id, name }) => (
              <li key={id} data-model={id} className="flex min-h-11 items-center gap-3 border-line border-b">
                <span className="min-w-0 grow truncate">{name}</span>
                {mayManage && (
                  <IconButton label={texts.place(name)} icon={Plus} onClick={() => put([...order, id], id)} />
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
