// The token of a link that came by mail. It stands after the #, which no server sees.
import { useState } from 'react';
import { useLocation } from 'react-router';

/** Empty where there is none. */
export function useLinkToken(): string {
  const { hash } = useLocation();
  const [token] = useState(() => new URLSearchParams(hash.slice(1)).get('token') ?? '');
  return token;
}
