// Who came by their workspace's own sign-in is whoever that workspace says. The account opens other workspaces too: its
// password, address and factors are not for such a session to change.
import type { SignInRule } from '../sign-in-hooks.ts';

/** What needs no session, or ends one. */
const open =
  /^\/(?:get-session|sign-out|sign-in\/.*|request-password-reset|reset-password|confirm-email|passkey\/(?:generate-authenticate-options|verify-authentication))$/;

/** Loads the library. */
export async function createBoundSessionRule(): Promise<SignInRule> {
  const { APIError, getSessionFromCtx } = await import('better-auth/api');
  return {
    before: async (ctx) => {
      if (!ctx.request || open.test(ctx.path)) return undefined;
      const found = await getSessionFromCtx(ctx);
      const { onlyWorkspace } = (found?.session ?? {}) as { onlyWorkspace?: string | null };
      if (!onlyWorkspace) return undefined;
      throw new APIError('FORBIDDEN', {
        code: 'WORKSPACE_SESSION',
        message: 'You came in by your company’s sign-in: sign in with your password to change your account.',
      });
    },
  };
}
