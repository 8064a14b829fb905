// The token of a link that came by mail. It stands after the #, which no server sees.
import { useLocation } from 'react-router';

/** Empty where there is none. Follows the address: another link may be opened in the same tab. */
export function useLinkToken(): string {
  const { hash } = useLocation();
  return new URLSearchParams(hash.slice(1)).get('token') ?? '';
}
