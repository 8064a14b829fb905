// Installs the service worker, and offers a new version quietly when one has come.
import { offlineTexts } from '../features/offline/texts.ts';
import { currentTexts } from '../lib/texts.ts';
import { toast } from '../ui/toast.tsx';

const lookEveryMs = 30 * 60_000;

export async function installServiceWorker(): Promise<void> {
  const container = navigator.serviceWorker;
  const registration = await container
    .register('/service-worker.js', { updateViaCache: 'none' })
    .catch(() => null);
  // Without it the app works, only not offline.
  if (!registration) return;
  const offer = (worker: ServiceWorker) => {
    const texts = currentTexts(offlineTexts);
    toast({
      text: texts.newVersion,
      actionLabel: texts.reload,
      durationMs: 24 * 3600 * 1000,
      onAction: () => {
        container.addEventListener('controllerchange', () => location.reload(), { once: true });
        worker.postMessage('use-new-version');
      },
    });
  };
  const follow = (worker: ServiceWorker | null) => {
    worker?.addEventListener('statechange', () => {
      // Without a controller it is the first version, which needs no reload.
      if (worker.state === 'installed' && container.controller) offer(worker);
    });
  };
  if (registration.waiting && container.controller) offer(registration.waiting);
  follow(registration.installing);
  registration.addEventListener('updatefound', () => follow(registration.installing));
  setInterval(() => {
    if (navigator.onLine) void registration.update().catch(() => undefined);
  }, lookEveryMs);
}
