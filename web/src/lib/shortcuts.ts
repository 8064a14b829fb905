// The keyboard: whoever is on the screen registers what keys do; the list behind `?` and the palette read what is registered.
import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface Shortcut {
  /** Where it holds: `global`, or the part of the app that registered it. `dialog`: also while a dialog is open. */
  readonly scope: string;
  /** `j`, `?`, `shift+a`, `mod+k` (Ctrl, or Cmd on a Mac), or two after each other: `g i`. */
  readonly keys: string;
  /** What it does, in the member's language, for the list. */
  readonly label: string;
  readonly run: (event?: KeyboardEvent) => void;
}

/** Of two strokes in a row, how long the second may take. */
const sequenceMsMax = 1000;

let shortcuts: readonly Shortcut[] = [];
const listeners = new Set<() => void>();
let started: { readonly stroke: string; readonly atMs: number } | null = null;

const change = (next: readonly Shortcut[]) => {
  shortcuts = next;
  for (const listener of listeners) listener();
};

/** Of two with the same keys, the one that came later wins. @returns removes it */
export function registerShortcut(shortcut: Shortcut): () => void {
  if (shortcuts.length === 0) document.addEventListener('keydown', onKeyDown);
  change([...shortcuts, shortcut]);
  return () => {
    change(shortcuts.filter((other) => other !== shortcut));
    if (shortcuts.length === 0) document.removeEventListener('keydown', onKeyDown);
  };
}

/** Holds while the component is on the screen and `enabled`. The handler may change with every render. */
export function useShortcut(
  scope: string,
  keys: string,
  label: string,
  handler: (event?: KeyboardEvent) => void,
  enabled = true,
): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!enabled) return;
    return registerShortcut({ scope, keys, label, run: (event) => latest.current(event) });
  }, [scope, keys, label, enabled]);
}

/** All that hold now, in the order in which they came. */
export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shortcuts,
  );
}

const isMac = () => /mac|iphone|ipad/i.test(navigator.userAgent);

/** As keycaps: `mod+k` is `['⌘', 'K']` or `['Ctrl', 'K']`. */
export function showKeys(keys: string): string[] {
  const names: Record<string, string> = {
    mod: isMac() ? '⌘' : 'Ctrl',
    shift: '⇧',
    alt: isMac() ? '⌥' : 'Alt',
    enter: '↵',
    escape: 'Esc',
    arrowup: '↑',
    arrowdown: '↓',
  };
  return keys.split(/[ +]/).map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/** What a stroke is called in `keys`. Signs that need Shift to be typed (`?`) are called by the sign alone. */
function strokeOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  const letter = /^[a-z0-9]$/.test(key) || key.length > 1;
  return [
    (isMac() ? event.metaKey : event.ctrlKey) ? 'mod' : '',
    event.altKey ? 'alt' : '',
    event.shiftKey && letter ? 'shift' : '',
    key,
  ]
    .filter(Boolean)
    .join('+');
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=button])'))
  );
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.repeat) {
    // Held down, j and k go on and on, as in every list.
    if (!event.repeat || event.defaultPrevented) return;
  }
  const stroke = strokeOf(event);
  if (isTyping(event.target) && !stroke.startsWith('mod+')) return;
  // The dialogs, sheets and menus of ui/ that lie over everything.
  const covered =
    document.querySelector('[data-modal][data-state=open], [role=menu][data-state=open]') !== null;
  const open = shortcuts.filter((shortcut) => !covered || shortcut.scope === 'dialog');
  const before = started && event.timeStamp - started.atMs < sequenceMsMax ? started.stroke : null;
  started = null;
  const found =
    (before && open.findLast(({ keys }) => keys === `${before} ${stroke}`)) ||
    open.findLast(({ keys }) => keys === stroke);
  if (found) {
    event.preventDefault();
    found.run(event);
  } else if (open.some(({ keys }) => keys.startsWith(`${stroke} `))) {
    started = { stroke, atMs: event.timeStamp };
  }
}
