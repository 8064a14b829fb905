import type { Module } from '../../core/module.ts';
import { registerTenancyRoutes } from './routes.ts';
import { apiKeyCreated, apiKeyRevoked } from './tenancy.ts';

export const tenancyModule: Module = {
  name: 'tenancy',
  routes: registerTenancyRoutes,
  events: [apiKeyCreated, apiKeyRevoked],
};

export { createAuthenticator } from './routes.ts';
export { createSignIn, signInPort } from './sign-in.ts';
