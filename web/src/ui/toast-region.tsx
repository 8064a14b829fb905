// The one place of toasts; loaded with the first one.
import { clsx } from 'clsx';
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { useTexts } from '../lib/texts.ts';
import { sharedTexts } from '../lib/texts-shared.ts';
import { IconButton } from './icon-button.tsx';
import { dismissToast, type ShownToast, useToasts } from './toast.tsx';

const durationMsDefault = 5000;

export function ToastRegion() {
  const shown = useToasts((toasts) => toasts.shown);
  const texts = useTexts(sharedTexts);
  return (
    <Radix.Provider duration={durationMsDefault} swipeDirection="left" label={texts.notifications}>
      {shown.map((item) => (
        <Toast key={item.id} item={item} />
      ))}
      <Radix.Viewport className="fixed bottom-4 left-18 z-60 flex w-76 max-w-[calc(100vw-2rem)] phone:left-4 phone:w-88 flex-col gap-2 phone:bottom-[calc(4.5rem+env(safe-area-inset-bottom))]" />
    </Radix.Provider>
  );
}

function Toast({ item }: { item: ShownToast }) {
  const texts = useTexts(sharedTexts);
  const { id, text, tone = 'neutral', onAction, actionLabel = texts.undo, durationMs } = item;
  return (
    <Radix.Root
      type="background"
      duration={durationMs}
      onOpenChange={(open) => {
        if (!open) dismissToast(id);
      }}
      className="flex animate-rise items-center gap-3 rounded-control border border-line bg-surface-raised py-1.5 pr-1.5 pl-3 shadow-float"
    >
      {tone === 'success' && <CircleCheck size={16} aria-hidden="true" className="shrink-0 text-success" />}
      {tone === 'danger' && <CircleAlert size={16} aria-hidden="true" className="shrink-0 text-danger" />}
      <Radix.Description className={clsx('grow py-1 text-body', tone === 'danger' && 'text-danger-text')}>
        {text}
      </Radix.Description>
      {onAction && (
        <Radix.Action
          altText={actionLabel}
          onClick={onAction}
          className="h-7 shrink-0 rounded-small px-2 font-medium text-accent-text text-body hover:bg-surface-hover phone:min-h-11"
        >
          {actionLabel}
        </Radix.Action>
      )}
      <Radix.Close asChild>
        <IconButton label={texts.close} icon={X} size="small" tooltipHidden />
      </Radix.Close>
    </Radix.Root>
  );
}
