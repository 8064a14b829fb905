// Before every component test: what browsers have and jsdom has not, and an empty document after each.
import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// What is loaded after the first paint may take its time on a busy machine.
configure({ asyncUtilTimeout: 10_000 });

class NoResizes implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

globalThis.ResizeObserver ??= NoResizes;
globalThis.CSS ??= { supports: () => false } as unknown as typeof CSS;
globalThis.matchMedia ??= (query) =>
  Object.assign(new EventTarget(), {
    matches: false,
    media: query,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });
Element.prototype.scrollIntoView ??= () => undefined;
Element.prototype.hasPointerCapture ??= () => false;
Element.prototype.setPointerCapture ??= () => undefined;
Element.prototype.releasePointerCapture ??= () => undefined;

afterEach(() => {
  cleanup();
  localStorage.clear();
});
