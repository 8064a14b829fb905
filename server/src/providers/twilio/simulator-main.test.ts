import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { z } from 'zod';

const accountSid = `AC${'1'.repeat(32)}`;

test('killed at any moment, the simulator’s process leaves every accepted send in its ledger', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-simulator-main-'));
  const ledger = join(folder, 'ledger.jsonl');
  const accounts = JSON.stringify([
    { sid: accountSid, authToken: 'token', numbers: [{ phoneNumber: '+15551239000' }] },
  ]);
  const main = join(import.meta.dirname, 'simulator-main.ts');
  const child = spawn(
    process.execPath,
    [main, '--accounts', accounts, '--ledger', ledger, '--token', 'control'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const [line] = await once(createInterface(child.stdout), 'line');
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(String(line)));
    const send = () =>
      fetch(`${url}/2010-04-01/Accounts/${accountSid}/Messages.json`, {
        method: 'POST',
        headers: { Authorization: `Basic ${Buffer.from(`${accountSid}:token`).toString('base64')}` },
        body: new URLSearchParams({ From: '+15551239000', To: '+15551230001', Body: 'hello' }),
      });
    const sid = z.object({ sid: z.string() });
    const accepted = [sid.parse(await (await send()).json()).sid];
    const control = await fetch(`${url}/control/ledger`, { headers: { Authorization: 'Bearer control' } });
    expect(await control.json()).toMatchObject({ count: 1 });
    accepted.push(sid.parse(await (await send()).json()).sid);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const entries = readFileSync(ledger, 'utf8').trim().split('\n');
    expect(entries.map((entry) => sid.parse(JSON.parse(entry)).sid)).toEqual(accepted);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
