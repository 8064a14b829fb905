// Starts the app in the page: what is remembered, the theme and the language, then the first render.
import '../lib/no-eval.ts';
import '../ui/styles.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { chooseWorkspace, stepUpWith, tellErrorsWith } from '../lib/api.ts';
import { errorInWords } from '../lib/error-words.ts';
import { keepAnswers } from '../lib/offline/kept-answers.ts';
import { watchNetwork } from '../lib/offline/network.ts';
import { createQueryClient } from '../lib/query.ts';
import { followTheme, useScreen } from '../lib/store.ts';
import { awaitTexts, followLanguage } from '../lib/texts.ts';
import { UiProvider } from '../ui/provider.tsx';
import { askAhead } from './ask-ahead.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { reloadWhenReplaced } from './replaced.ts';
import { AppRoutes, loadFirstPage } from './router.tsx';

followTheme();
followLanguage();
tellErrorsWith(errorInWords);
stepUpWith(async (refusal) => (await import('../features/tenancy/step-up.tsx')).askToStepUp(refusal));
reloadWhenReplaced();
chooseWorkspace(useScreen.getState().workspaceId);
const queryClient = createQueryClient();
keepAnswers(queryClient);
watchNetwork(queryClient);
// While the words are on their way; what fails is asked for again by who needs it.
askAhead(queryClient).catch(() => undefined);

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no #root');
const root = createRoot(element);
const app = (
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <UiProvider>
        <ErrorBoundary>
          <AppRoutes />
        </ErrorBoundary>
      </UiProvider>
    </QueryClientProvider>
  </StrictMode>
);
// Not awaited: an entry that waits cannot share a file with what it needs.
void Promise.all([awaitTexts(), loadFirstPage(location.pathname).catch(() => undefined)]).then(() =>
  root.render(app),
);

// Browsers have it over https and on localhost only; in development files change under its feet.
if ('serviceWorker' in navigator && import.meta.env.PROD) {
  const install = async () => (await import('./new-version.ts')).installServiceWorker();
  // After everything that the first view needs. Without it the app works, only not offline.
  const later = () => void install().catch(() => undefined);
  if (document.readyState === 'complete') later();
  else window.addEventListener('load', later, { once: true });
}
