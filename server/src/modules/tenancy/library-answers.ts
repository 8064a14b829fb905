// What the sign-in library answers, as our own routes would: without the tokens of sessions, which are in the cookie, where no
// script reads them, and with a code and the standard's header where there were too many requests (RFC 9110, 10.2.3).

/** @returns the answer's body; whatever is not JSON is left as it is */
export async function readWithoutTokens(response: Response): Promise<Buffer> {
  if (isFlood(response)) {
    return Buffer.from(
      JSON.stringify({ code: 'TOO_MANY_REQUESTS', message: 'Too many requests. Wait a moment.' }),
    );
  }
  const body = Buffer.from(await response.arrayBuffer());
  if (body.length === 0 || !response.headers.get('content-type')?.includes('json')) return body;
  const answer: unknown = JSON.parse(body.toString('utf8'));
  return Buffer.from(JSON.stringify(answer, (name, value) => (name === 'token' ? undefined : value)));
}

/** @returns what our answer has instead of a header of the library */
export function headerOf(name: string): string {
  return name === libraryWait ? 'retry-after' : name;
}

const libraryWait = 'x-retry-after';
const isFlood = ({ headers }: Response) => headers.has(libraryWait);
