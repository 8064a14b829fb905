// Which address shows what. Every page is a file of its own, loaded when it is first asked for.
import { lazy, Suspense } from 'react';
import { BrowserRouter, matchPath, Navigate, Route, Routes } from 'react-router';
import { lazyPart } from '../lib/lazy-part.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { MakeWorkspacePage, SessionGate } from './session-gate.tsx';
import { Shell } from './shell.tsx';

const InboxPage = lazyPart(async () => (await import('../features/conversations/inbox-page.tsx')).InboxPage);
const ChannelsPage = lazy(async () => ({
  default: (await import('../features/channels/channels-page.tsx')).ChannelsPage,
}));
const AssistantPage = lazy(async () => ({
  default: (await import('../features/assistant/assistant-page.tsx')).AssistantPage,
}));
const ChatPage = lazy(async () => ({
  default: (await import('../features/chat/chat-page.tsx')).ChatPage,
}));
const AnalyticsPage = lazy(async () => ({
  default: (await import('../features/analytics/analytics-page.tsx')).AnalyticsPage,
}));
const PeoplePage = lazy(async () => ({
  default: (await import('../features/tenancy/people-page.tsx')).PeoplePage,
}));
const SettingsPage = lazy(async () => ({
  default: (await import('../features/tenancy/settings-page.tsx')).SettingsPage,
}));
const ForgotPasswordPage = lazy(async () => ({
  default: (await import('./forgot-password-page.tsx')).ForgotPasswordPage,
}));
const ResetPasswordPage = lazy(async () => ({
  default: (await import('./reset-password-page.tsx')).ResetPasswordPage,
}));
const ConfirmEmailPage = lazy(async () => ({
  default: (await import('./confirm-email-page.tsx')).ConfirmEmailPage,
}));
const InvitationPage = lazy(async () => ({
  default: (await import('./invitation-page.tsx')).InvitationPage,
}));
const SignUpPage = lazy(async () => ({ default: (await import('./sign-up-page.tsx')).SignUpPage }));
/** For who has not signed in, or follows a link from a mail. */
const entrance = [
  { path: '/forgot-password', Page: ForgotPasswordPage },
  { path: '/reset-password', Page: ResetPasswordPage },
  { path: '/confirm-email', Page: ConfirmEmailPage },
  { path: '/invitation', Page: InvitationPage },
  { path: '/sign-up', Page: SignUpPage },
];
/** The design system, in development only. */
const GalleryPage = import.meta.env.DEV
  ? lazy(async () => ({ default: (await import('./gallery-page.tsx')).GalleryPage }))
  : null;

/** Whether the address is one of the inbox, which is the first that a member sees. */
export const isInbox = (pathname: string): boolean =>
  ['/', '/inbox/*'].some((pattern) => matchPath(pattern, pathname));

/** Drawn before it is there, a page would be replaced by its skeleton first, and React leaves that standing for a while. */
export const loadFirstPage = async (pathname: string): Promise<void> => {
  if (isInbox(pathname)) await InboxPage.preload();
};

export function AppRoutes() {
  return (
    <BrowserRouter>
      <Routes>
        {GalleryPage && (
          <Route
            path="/ui"
            element={
              <Suspense>
                <GalleryPage />
              </Suspense>
            }
          />
        )}
        {entrance.map(({ path, Page }) => (
          <Route
            key={path}
            path={path}
            element={
              <Suspense>
                <Page />
              </Suspense>
            }
          />
        ))}
        <Route
          path="/new-workspace"
          element={
            <SessionGate>
              <Suspense>
                <MakeWorkspacePage />
              </Suspense>
            </SessionGate>
          }
        />
        <Route
          element={
            <SessionGate>
              <Shell />
            </SessionGate>
          }
        >
          <Route index element={<Navigate to="/inbox" replace />} />
          <Route path="/sign-in" element={<Navigate to="/inbox" replace />} />
          {/* One element for both, so that the list stays when a conversation is opened. */}
          <Route path="/inbox/:conversationId?" element={<InboxPage />} />
          <Route path="/chat/:chatId?" element={<ChatPage />} />
          <Route path="/channels/*" element={<ChannelsPage />} />
          <Route path="/assistant/*" element={<AssistantPage />} />
          <Route path="/analytics" element={<AnalyticsPage />} />
          <Route path="/people" element={<PeoplePage />} />
          <Route path="/settings/*" element={<SettingsPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </BrowserRouter>
  );
}
