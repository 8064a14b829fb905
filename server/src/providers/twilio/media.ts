// Fetches one medium of an inbound message. Twilio answers with a redirect to where the file is kept.
// https://www.twilio.com/docs/messaging/api/media-resource
import { type Egress, EgressError, type EgressResponse } from '../../core/egress.ts';
import { ProviderUnavailableError } from '../../modules/channels/adapter.ts';
import { authorizationOf, type TwilioCredentials, unavailable } from './rest.ts';

const redirectsMax = 3;

export interface MediaOptions {
  readonly egress: Egress;
  readonly baseUrlFor: (accountSid: string) => string;
  readonly timeoutMs: number;
}

/** @throws ProviderUnavailableError */
export async function fetchMedia(
  { egress, baseUrlFor, timeoutMs }: MediaOptions,
  credentials: TwilioCredentials,
  url: string,
  bytesMax: number,
): Promise<{ body: Buffer; contentType: string }> {
  const home = new URL(baseUrlFor(credentials.accountSid)).origin;
  let next = url;
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    const answer = await get(next);
    if (answer.status >= 300 && answer.status < 400 && answer.headers.location) {
      if (!URL.canParse(answer.headers.location, next)) throw new ProviderUnavailableError('nonsense', false);
      next = new URL(answer.headers.location, next).href;
      continue;
    }
    if (answer.status !== 200) throw unavailable(answer);
    return { body: answer.body, contentType: answer.headers['content-type'] ?? 'application/octet-stream' };
  }
  throw new ProviderUnavailableError('too_many_redirects', false);

  async function get(address: string): Promise<EgressResponse> {
    // The credentials go to Twilio's API and nowhere else, whatever a payload or a redirect says.
    const isHome = URL.canParse(address) && new URL(address).origin === home;
    try {
      return await egress.request({
        url: address,
        headers: isHome ? { Authorization: authorizationOf(credentials) } : {},
        timeoutMs,
        bytesMax,
      });
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      const retryable = error.failure === 'not_sent' || error.failure === 'unanswered';
      throw new ProviderUnavailableError(error.failure, retryable, { cause: error });
    }
  }
}
