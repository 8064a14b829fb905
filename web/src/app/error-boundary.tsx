// What is shown instead of a part of the app that broke: the rest goes on.
import { Component, type ReactNode } from 'react';
import { currentTexts } from '../lib/texts.ts';
import { Button } from '../ui/button.tsx';
import { appTexts } from './texts.ts';

export interface ErrorBoundaryProps {
  children: ReactNode;
  /** Another value (the address) is another chance. */
  resetKey?: string;
}

interface State {
  readonly error: unknown;
  readonly resetKey: string | undefined;
}

const whole = { error: null };

export class ErrorBoundary extends Component<ErrorBoundaryProps, State> {
  override state: State = { ...whole, resetKey: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): Pick<State, 'error'> {
    return { error: error ?? new Error('unknown') };
  }

  static getDerivedStateFromProps({ resetKey }: ErrorBoundaryProps, state: State): State | null {
    return resetKey === state.resetKey ? null : { ...whole, resetKey };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const texts = currentTexts(appTexts);
    return (
      <div
        role="alert"
        className="mx-auto flex h-full max-w-100 flex-col items-start justify-center gap-2 p-6"
      >
        <h1 className="font-semibold text-heading">{texts.brokenTitle}</h1>
        <p className="text-text-muted">{texts.brokenText}</p>
        <Button variant="primary" className="my-2" onClick={() => location.reload()}>
          {texts.reload}
        </Button>
        <code className="break-all text-text-muted text-tiny">{String(error)}</code>
      </div>
    );
  }
}
