// Says in the member's language what is wrong with a channel, and what to do.
import type { Explanation } from '@parley/contract/channels';
import { useTexts } from '../../lib/texts.ts';
import { healthTexts } from './texts-health.ts';

/**
 * By the code of a finding or a refusal; what no words are known for stays as the server said it.
 * @param inboundUrl where the provider must call, as far as it is known
 */
export function useHealthWords(inboundUrl = '') {
  const words: Readonly<Record<string, (url: string, said: string) => string>> = useTexts(healthTexts);
  return (code: string, { message, action }: Explanation, url = inboundUrl): Explanation => ({
    message: words[code]?.(url, message) ?? message,
    action: words[`${code}_action`]?.(url, action) ?? action,
  });
}
