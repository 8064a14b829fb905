// Empty and wrong: what will be here and the one action that fills it; what happened, what was kept, what to do.
import { CircleAlert, type LucideIcon, WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError, NetworkError } from '../lib/api.ts';
import { useTexts } from '../lib/texts.ts';
import { sharedTexts } from '../lib/texts-shared.ts';
import { Button } from './button.tsx';

export interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  text?: ReactNode;
  /** One button or link. */
  action?: ReactNode;
  /** 1 where it is all that the page has. */
  level?: 1 | 2;
}

export function EmptyState({ icon: Icon, title, text, action, level = 2 }: EmptyStateProps) {
  const Heading = level === 1 ? 'h1' : 'h2';
  return (
    <div className="mx-auto flex max-w-88 flex-col items-center gap-1 px-6 py-12 text-center">
      <Icon size={28} strokeWidth={1.5} aria-hidden="true" className="mb-2 text-text-muted" />
      <Heading className="font-semibold text-title">{title}</Heading>
      {text && <p className="text-text-muted">{text}</p>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  );
}

export interface ErrorStateProps {
  error: unknown;
  /** What could not be done: "The conversations could not be read." */
  title?: string;
  onRetry?: () => void;
}

export function ErrorState({ error, title, onRetry }: ErrorStateProps) {
  const texts = useTexts(sharedTexts);
  const away = error instanceof NetworkError;
  const Icon = away ? WifiOff : CircleAlert;
  const reason = away ? texts.noNetwork : error instanceof ApiError ? error.message : null;
  return (
    <div role="alert" className="mx-auto flex max-w-100 flex-col items-center gap-1 px-6 py-12 text-center">
      <Icon size={28} strokeWidth={1.5} aria-hidden="true" className="mb-2 text-danger-text" />
      <h2 className="font-semibold text-title">{title ?? texts.somethingWrong}</h2>
      {reason && <p className="text-text-muted">{reason}</p>}
      {onRetry && (
        <Button className="mt-4" onClick={onRetry}>
          {texts.retry}
        </Button>
      )}
      {error instanceof ApiError && (
        <p className="mt-4 text-text-muted text-tiny">
          {texts.errorCode}: <code>{error.code}</code>
          {error.requestId && (
            <>
              {' · '}
              <code>{error.requestId}</code>
            </>
          )}
        </p>
      )}
    </div>
  );
}
