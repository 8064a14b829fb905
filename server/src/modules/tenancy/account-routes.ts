// HTTP of a user's own account, and of what a page needs to know before anybody has signed in.
import { spokenLanguage } from '@parley/contract/common';
import {
  changeMe,
  changePreferences as changePreferencesSchema,
  me,
  preferences,
  start,
} from '@parley/contract/tenancy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Principal } from '../../core/http.ts';
import type { Kernel } from '../../core/kernel.ts';
import { mailer } from '../../core/mail.ts';
import { version } from '../../core/version.ts';
import { changePreferences, readPreferences, renameUser, signedInUserId } from './account.ts';
import { signInWays } from './identity/providers.ts';
import { isSignUpOpen } from './sign-up.ts';
import { describeMe } from './tenancy.ts';

const tags = ['auth'];
const signedIn = { permission: 'signed-in' };
const principalOf = (request: FastifyRequest) => request.principal as Principal;

export function registerAccountRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const ctx = kernel.systemContext();

  app.get(
    '/api/v1/start',
    {
      schema: {
        summary: 'What a page needs to know before anybody has signed in',
        tags,
        response: { 200: start },
      },
      config: { permission: 'public' },
    },
    async () => ({
      version,
      demo: kernel.config.demo,
      signUp: isSignUpOpen(kernel),
      mail: ctx.use(mailer).way,
      languages: spokenLanguage.options,
      signInWays: await signInWays(kernel),
    }),
  );
  app.get(
    '/api/v1/auth/me',
    {
      schema: { summary: 'Who is signed in', tags, response: { 200: me } },
      config: { ...signedIn, boundSession: true },
    },
    async (request) => describeMe(kernel, principalOf(request)),
  );
  app.put(
    '/api/v1/auth/me',
    {
      schema: { summary: 'Change one’s own name', tags, body: changeMe, response: { 200: me } },
      config: signedIn,
    },
    async (request) => {
      await renameUser(ctx, signedInUserId(principalOf(request)), request.body.name);
      return describeMe(kernel, principalOf(request));
    },
  );
  app.get(
    '/api/v1/auth/preferences',
    {
      schema: { summary: 'How the app looks to whoever is signed in', tags, response: { 200: preferences } },
      config: { ...signedIn, boundSession: true },
    },
    async (request) => readPreferences(ctx, signedInUserId(principalOf(request))),
  );
  app.put(
    '/api/v1/auth/preferences',
    {
      schema: {
        summary: 'Change how the app looks',
        description: 'What the body does not name stays.',
        tags,
        body: changePreferencesSchema,
        response: { 200: preferences },
      },
      config: { ...signedIn, boundSession: true },
    },
    async (request) => changePreferences(ctx, signedInUserId(principalOf(request)), request.body),
  );
}
