// One call of an OpenAI-compatible API, as the router's benchmarks make them.
import { Agent, request } from 'undici';

export const messages = [{ role: 'user', content: 'When are you open?' }];

export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
}

export const agent = new Agent({ connections: 256 });

export async function call({ url, headers, model }: Target): Promise<void> {
  const answer = await request(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages }),
    dispatcher: agent,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200)
    throw new Error(`${url} answered ${answer.statusCode}: ${text.slice(0, 300)}`);
}

/** Calls as fast as it goes, so many at once, while there are any left. */
export async function flood(target: Target, connections: number, areLeft: () => boolean): Promise<number> {
  let done = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (areLeft()) {
        await call(target);
        done += 1;
      }
    }),
  );
  return done;
}
