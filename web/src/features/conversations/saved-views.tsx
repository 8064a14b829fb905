// Saved views: filters with a name, for oneself or for everybody.
import type { WriteView } from '@parley/contract/inbox';
import { useQueryClient } from '@tanstack/react-query';
import { Bookmark, Ellipsis } from 'lucide-react';
import { Suspense, useState } from 'react';
import { api } from '../../lib/api.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { queryKeys } from '../../lib/query.ts';
import { useCan, useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { toastError } from '../../ui/toast.tsx';
import { sameFilters } from './filters.ts';
import { useViews } from './queries.ts';
import { listTexts } from './texts-list.ts';
import { offerUndo } from './undo.ts';
import type { InboxLocation } from './use-inbox-location.ts';

const SaveViewDialog = lazyPart(async () => (await import('./save-view-dialog.tsx')).SaveViewDialog);

/** Says which saved view is looked at, and what can be done with it. */
export function ViewBar({ location }: { location: InboxLocation }) {
  const texts = useTexts(listTexts);
  const queries = useQueryClient();
  const { user } = useSession();
  const moderates = useCan('conversations:moderate');
  const mayShare = useCan('conversations:write');
  const [isRenaming, setRenaming] = useState(false);
  const { data } = useViews();
  const view = data?.items.find(({ filters }) => sameFilters(filters, location.filters));
  if (!view) return null;

  const refresh = () => queries.invalidateQueries({ queryKey: queryKeys.savedViews });
  const isOwn = view.ownerId === user.id;
  const share = async (shared: boolean) => {
    const { name, filters } = view;
    await api
      .put(`/api/v1/views/${view.id}`, { name, filters, shared } satisfies WriteView)
      .catch(toastError);
    await refresh();
  };
  const remove = async () => {
    try {
      await api.delete(`/api/v1/views/${view.id}`);
      const { name, filters, shared } = view;
      offerUndo(texts.viewDeleted(name), () => {
        void api
          .post('/api/v1/views', { name, filters, shared } satisfies WriteView)
          .catch(toastError)
          .then(refresh);
      });
    } catch (error) {
      toastError(error);
    }
    await refresh();
  };
  return (
    <div className="flex items-center gap-2 border-line border-b py-1 pr-2 pl-4 text-meta">
      <Bookmark size={16} aria-hidden="true" className="shrink-0 text-text-muted" />
      <span className="min-w-0 grow truncate">
        <span className="sr-only">{texts.thisView}: </span>
        {view.name}
      </span>
      {(isOwn || moderates) && (
        <Menu
          align="end"
          trigger={<IconButton label={texts.manageView(view.name)} icon={Ellipsis} size="small" />}
          items={[
            { label: texts.renameView, onSelect: () => setRenaming(true) },
            ...(isOwn && mayShare
              ? [
                  {
                    label: view.shared ? texts.unshareView : texts.shareView,
                    onSelect: () => void share(!view.shared),
                  },
                ]
              : []),
            'line',
            { label: texts.deleteView, tone: 'danger', onSelect: () => void remove() },
          ]}
        />
      )}
      {isRenaming && (
        <Suspense>
          <SaveViewDialog filters={view.filters} view={view} onClose={() => setRenaming(false)} />
        </Suspense>
      )}
    </div>
  );
}
