// Parts of a view that the first moment does not need. They are loaded while the browser has nothing better to do, so that
// nobody waits for them, and at the latest when they are first drawn.
import { type ComponentType, lazy, useState } from 'react';

const waiting: (() => Promise<unknown>)[] = [];
/** Null: nothing is loaded ahead yet. */
let isBusy: (() => boolean) | null = null;
/** Parts that somebody waits for. */
let awaited = 0;
const quietMs = 200;

export type LazyPart<Props extends object> = ComponentType<Props> & {
  /** Loads it now; what is loaded when it is drawn is drawn at once. */
  readonly preload: () => Promise<unknown>;
};

/** Put a `Suspense` around it: whoever is quicker than the network waits there. */
export function lazyPart<Props extends object>(load: () => Promise<ComponentType<Props>>): LazyPart<Props> {
  let loaded: ComponentType<Props> | null = null;
  const loadOnce = async () => {
    loaded ??= await load();
    return { default: loaded };
  };
  const Lazy = lazy(async () => {
    awaited += 1;
    return loadOnce().finally(() => {
      awaited -= 1;
    });
  });
  waiting.push(loadOnce);
  if (isBusy) preloadWhenIdle();
  function Part(props: Props) {
    // What is there is drawn at once: React's own would show nothing first even then. It stays the same while it is mounted.
    const [Component] = useState<ComponentType<Props>>(() => loaded ?? Lazy);
    return <Component {...props} />;
  }
  return Object.assign(Part, { preload: loadOnce });
}

/** Call it when the first view is asked for. @param busy whether it still waits for answers: they go first */
export function preloadParts(busy: () => boolean): void {
  isBusy = busy;
  preloadWhenIdle();
}

function preloadWhenIdle(): void {
  const load = () => {
    if (awaited > 0 || isBusy?.()) return void setTimeout(preloadWhenIdle, quietMs);
    // Who is offline gets them from the service worker, or when they are first asked for.
    for (const each of waiting.splice(0)) each().catch(() => undefined);
  };
  if ('requestIdleCallback' in window) requestIdleCallback(load);
  else setTimeout(load, quietMs);
}
