// What others on the machine see of our processes: `ps` shows the arguments of each, /proc their environment to whoever may.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePdfBomb } from '../documents.ts';
import { createInstallation, type Installation } from '../process.ts';

const secrets = {
  PARLEY_SECRET: 'zebra-secret-q3Zr8sVb1mKp0TnXy5LwHc9DfGj2EaUi7',
  METRICS_TOKEN: 'zebra-metrics-token-of-this-test',
  PARLEY_OWNER_PASSWORD: 'zebra password of the owner',
};
const owner = { email: 'owner@parley.local', password: secrets.PARLEY_OWNER_PASSWORD };

let installation: Installation;
beforeAll(async () => {
  installation = await createInstallation(secrets);
});
afterAll(() => installation.remove());

interface Seen {
  readonly pid: number;
  readonly command: string;
  readonly environment: string;
}

/** A process and all below it, as /proc shows them; those that end meanwhile are left out. */
async function seenBelow(root: number): Promise<Seen[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const read = (pid: number, what: string) => readFile(`/proc/${pid}/${what}`, 'utf8').catch(() => '');
  const parents = new Map<number, number>();
  for (const pid of pids) {
    const stat = await read(pid, 'stat');
    parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0));
  }
  const isBelow = (pid: number): boolean => pid === root || (pid > 1 && isBelow(parents.get(pid) ?? 0));
  return Promise.all(
    pids.filter(isBelow).map(async (pid) => ({
      pid,
      command: (await read(pid, 'cmdline')).replaceAll('\0', ' '),
      environment: await read(pid, 'environ'),
    })),
  );
}

it.runIf(existsSync('/proc/self/environ'))(
  'show no secret and no content in their arguments, and those that read files have no environment',
  async () => {
    const server = await installation.start();
    const origin = server.url;
    const headers = { 'content-type': 'application/json', origin };
    const signedIn = await fetch(`${server.url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers,
      body: JSON.stringify(owner),
    });
    expect([signedIn.status, server.said().includes('zebra')]).toEqual([200, false]);
    const cookie = signedIn.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(makePdfBomb(60_000_000))]), 'zebra-name-of-a-file.pdf');
    await fetch(`${server.url}/api/v1/training-data/files`, {
      method: 'POST',
      headers: { cookie, origin },
      body: form,
    });

    const own = server.process.pid ?? 0;
    let reader: Seen | undefined;
    const deadline = Date.now() + 60_000;
    const everything: Seen[] = [];
    while (!reader && Date.now() < deadline) {
      const seen = await seenBelow(own);
      everything.push(...seen);
      reader = seen.find(({ command }) => command.includes('reading/main'));
    }
    expect(reader?.environment).toBe('');
    expect(everything.some(({ pid }) => pid !== own)).toBe(true);
    expect(everything.filter(({ command }) => command.includes('zebra'))).toEqual([]);
    await server.stop();
    expect(server.said()).not.toContain('zebra');
  },
  180_000,
);
