// Asks the sign-in library within a request of ours, with that request's cookies and origin.
import type { Kernel } from '../../../core/kernel.ts';
import { signInPort } from '../sign-in-port.ts';

export interface LibraryAnswer {
  readonly status: number;
  /** Empty where it was no JSON. */
  readonly body: object;
  readonly setCookies: readonly string[];
}

/** @param path under `/api/auth/` */
export async function askLibrary(
  kernel: Kernel,
  headers: Headers,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<LibraryAnswer> {
  const sent = new Headers(headers);
  if (body) sent.set('content-type', 'application/json');
  const response = await kernel.use(signInPort).handle(
    new Request(new URL(`/api/auth/${path}`, kernel.config.publicUrl), {
      method,
      headers: sent,
      ...(body ? { body: JSON.stringify(body) } : {}),
    }),
  );
  const text = await response.text();
  const json: unknown = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null;
  return {
    status: response.status,
    body: json !== null && typeof json === 'object' ? json : {},
    setCookies: response.headers.getSetCookie(),
  };
}
