// What the sign-in library answers, without the tokens of sessions: these are in the cookie, where no script reads them.

/** @returns the answer's body; whatever is not JSON is left as it is */
export async function readWithoutTokens(response: Response): Promise<Buffer> {
  const body = Buffer.from(await response.arrayBuffer());
  if (body.length === 0 || !response.headers.get('content-type')?.includes('json')) return body;
  const answer: unknown = JSON.parse(body.toString('utf8'));
  return Buffer.from(JSON.stringify(answer, (name, value) => (name === 'token' ? undefined : value)));
}
