// A new sign-in for who cannot prove in another way that it is them: it leads back to the page that they are on.
import type { Me } from '@parley/contract/tenancy';
import { ApiError, api, tellSignedOut } from '../../lib/api.ts';

/** Sends the browser to the company of who came by one; everybody else, and who is not known there, gets the sign-in page. */
export async function signInAgain(): Promise<void> {
  const { byCompany, user } = await api.get<Me>('/api/v1/auth/me');
  if (byCompany && user) {
    try {
      const { url } = await api.post<{ url: string }>('/api/v1/auth/sign-ins', {
        way: 'company',
        email: user.email,
        returnTo: location.pathname + location.search,
      });
      return location.assign(url);
    } catch (error) {
      // The address that they have here may be of another domain than the one that they came with.
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }
  await api.post('/api/auth/sign-out', {});
  tellSignedOut();
}
