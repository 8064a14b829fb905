// Keeps the app's own files on the device, so that it opens without a network. It never touches what the API answers: what
// was read is kept by lib/offline, where it is cleared at sign-out.

/** Put in by the build (web/build/service-worker.ts): every file of this version. */
declare const precachedFiles: { readonly version: string; readonly paths: readonly string[] };

/** What is used of the worker's world; TypeScript cannot have the types of a page and of a worker in one project. */
interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface RequestEvent extends LastingEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Worker {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: 'install' | 'activate', listener: (event: LastingEvent) => void): void;
  addEventListener(name: 'fetch', listener: (event: RequestEvent) => void): void;
  addEventListener(name: 'message', listener: (event: MessageEvent<unknown>) => void): void;
}

const worker = self as unknown as Worker;
const prefix = 'parley-files-';
const cacheName = prefix + precachedFiles.version;
const page = '/index.html';
const paths = new Set(precachedFiles.paths);
/** As in server/src/core/site.ts: nothing below these is a page of the app. */
const notPages = /^\/(?:api|webhooks?|health|livez|readyz|metrics)(?:\/|$)/;

worker.addEventListener('install', (event) => {
  event.waitUntil(keepFiles());
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([dropOldFiles(), worker.clients.claim()]));
});

// A new version waits until the member says so: two versions in one page would not fit together.
worker.addEventListener('message', ({ data }) => {
  if (data === 'use-new-version') void worker.skipWaiting();
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
  const isPage = request.mode === 'navigate' && !notPages.test(url.pathname) && !url.pathname.includes('.');
  if (isPage) event.respondWith(answer(page, request));
  else if (paths.has(url.pathname)) event.respondWith(answer(url.pathname, request));
});

async function answer(path: string, request: Request): Promise<Response> {
  const kept = await caches.match(path, { cacheName });
  return kept ?? fetch(request);
}

async function keepFiles(): Promise<void> {
  const cache = await caches.open(cacheName);
  // Names of assets change with their content: what the browser has already is right.
  await cache.addAll(
    precachedFiles.paths.map((path) =>
      path.startsWith('/assets/') ? path : new Request(path, { cache: 'no-cache' }),
    ),
  );
}

async function dropOldFiles(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(prefix) && name !== cacheName).map((name) => caches.delete(name)),
  );
}
