// The last thing that can be undone: offered in a toast for five seconds, and with `u` for as long.
import { toast } from '../../ui/toast.tsx';

export const undoMs = 5000;

interface Undoable {
  readonly undo: () => void;
  readonly untilMs: number;
  readonly dismiss: () => void;
}

let last: Undoable | null = null;

/** Tells what was done, with the way back. */
export function offerUndo(text: string, undo: () => void): void {
  const once = () => {
    last = null;
    undo();
  };
  const dismiss = toast({ text, onAction: once, durationMs: undoMs });
  last = { undo: once, untilMs: Date.now() + undoMs, dismiss };
}

/** For what says by itself, where it stands, that it can be undone. */
export function rememberUndo(undo: () => void): void {
  last = { undo, untilMs: Date.now() + undoMs, dismiss: () => undefined };
}

/** Undoes what was done last, if that was a moment ago. Returns whether there was something. */
export function undoLast(): boolean {
  const undoable = last;
  if (!undoable || Date.now() > undoable.untilMs) return false;
  last = null;
  undoable.dismiss();
  undoable.undo();
  return true;
}
