// Tells what just happened, once and politely, with the way back. Drawn by toast-region.tsx.
import { create } from 'zustand';
import { currentTexts } from '../lib/texts.ts';
import { sharedTexts } from '../lib/texts-shared.ts';

export interface ToastOptions {
  text: string;
  tone?: 'neutral' | 'success' | 'danger';
  /** Offers the way back; the button says "Undo" unless `actionLabel` says otherwise. */
  onAction?: () => void;
  actionLabel?: string;
  /** 5 s when nothing is said. */
  durationMs?: number;
}

export interface ShownToast extends ToastOptions {
  readonly id: number;
}

const shownMax = 3;
let lastId = 0;

export const useToasts = create<{ shown: readonly ShownToast[] }>(() => ({ shown: [] }));

/** @returns takes it away */
export function toast(options: ToastOptions): () => void {
  lastId += 1;
  const id = lastId;
  useToasts.setState(({ shown }) => ({ shown: [...shown, { ...options, id }].slice(-shownMax) }));
  return () => dismissToast(id);
}

/** Tells of an error in one line, in words of the one who failed. */
export function toastError(error: unknown): void {
  const text = error instanceof Error ? error.message : currentTexts(sharedTexts).somethingWrong;
  toast({ text, tone: 'danger', durationMs: 10_000 });
}

export function dismissToast(id: number): void {
  useToasts.setState(({ shown }) => ({ shown: shown.filter((other) => other.id !== id) }));
}
