// A page that was open while a new version was installed asks for files that are gone: it is loaded again, once.
const remembered = 'parley.reloaded-at';
const againMs = 60_000;

export function reloadWhenReplaced(): void {
  // Said by Vite when a lazy file cannot be loaded: https://vite.dev/guide/build.html#load-error-handling
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(remembered) ?? 0);
    if (!navigator.onLine || Date.now() - last < againMs) return;
    sessionStorage.setItem(remembered, String(Date.now()));
    event.preventDefault();
    location.reload();
  });
}
