// Who signs in again in a browser leaves no session of before behind: nobody sees it any more, and it would open everything.
import type { SignInRule } from './sign-in-hooks.ts';

export const replacedSessionRule: SignInRule = {
  after: async (ctx) => {
    if (ctx.context.returned instanceof Error || !ctx.request || !ctx.context.newSession) return;
    const { authCookies, secret, internalAdapter, newSession } = ctx.context;
    const before = await ctx.getSignedCookie(authCookies.sessionToken.name, secret);
    if (before && before !== newSession.session.token) await internalAdapter.deleteSession(before);
  },
};
