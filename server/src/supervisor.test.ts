import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const supervisorUrl = new URL('./supervisor.ts', import.meta.url).href;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-supervisor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a supervisor whose child is `script`, with times short enough for a test. */
async function superviseScript(name: string, script: string) {
  const child = join(folder, `${name}.mjs`);
  const starts = join(folder, `${name}.starts`);
  await writeFile(
    child,
    `import { appendFileSync, readFileSync } from 'node:fs';
     import { sendHeartbeats, tellUp } from ${JSON.stringify(supervisorUrl)};
     appendFileSync(${JSON.stringify(starts)}, process.pid + '\\n');
     const start = readFileSync(${JSON.stringify(starts)}, 'utf8').trim().split('\\n').length;
     sendHeartbeats();
     ${script}`,
  );
  const main = join(folder, `${name}.supervisor.mjs`);
  await writeFile(
    main,
    `import { supervise } from ${JSON.stringify(supervisorUrl)};
     process.exit(await supervise({
       script: ${JSON.stringify(child)}, arguments: [], environment: process.env,
       silenceMsMax: 3000, startSilenceMsMax: 60_000, restartDelaysMs: [10], crashesMax: 5, failedStartsMax: 3, crashWindowMs: 60_000, finalExitCodes: [78],
       say: (sentence) => console.log(sentence),
     }));`,
  );
  const supervisor = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  supervisor.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  return {
    process: supervisor as ChildProcess,
    said: () => said,
    ended: once(supervisor, 'exit').then(([code]) => code as number),
    pids: async () => (await readFile(starts, 'utf8')).trim().split('\n').map(Number),
    until: async (words: string) => {
      while (!said.includes(words)) await once(supervisor.stdout, 'data');
    },
  };
}

test('a child that crashes or runs out of memory is started again', async () => {
  const run = await superviseScript(
    'crash',
    `if (start === 1) process.exit(3);
     if (start === 2) process.kill(process.pid, 'SIGKILL');
     process.exit(0);`,
  );
  expect(await run.ended).toBe(0);
  expect(run.said()).toContain('exit code 3');
  expect(run.said()).toContain('SIGKILL');
  expect(await run.pids()).toHaveLength(3);
});

test('a child in an endless loop is killed and started again', async () => {
  const run = await superviseScript(
    'hang',
    `tellUp();
     setTimeout(() => { if (start === 1) for (;;); process.exit(0); }, 50);`,
  );
  expect(await run.ended).toBe(0);
  expect(run.said()).toContain('did not answer');
  expect(await run.pids()).toHaveLength(2);
});

test('a child that stands still for long while it starts is waited for', async () => {
  const run = await superviseScript(
    'slow',
    `const until = Date.now() + 4500;
     while (Date.now() < until);
     process.exit(0);`,
  );
  expect(await run.ended).toBe(0);
  expect(run.said()).toBe('');
  expect(await run.pids()).toHaveLength(1);
});

test('a child that crashes again and again is given up, with a way to find out why', async () => {
  const run = await superviseScript('hopeless', 'tellUp(); setTimeout(() => process.exit(1), 20);');
  expect(await run.ended).toBe(1);
  expect(run.said()).toContain('It is not started again');
  expect(run.said()).toContain('doctor');
  expect(await run.pids()).toHaveLength(5);
});

test('a child that never comes up is given up soon', async () => {
  const run = await superviseScript('stillborn', 'process.exit(1);');
  expect(await run.ended).toBe(1);
  expect(await run.pids()).toHaveLength(3);
});

test('wrong settings are not tried again', async () => {
  const run = await superviseScript('config', 'process.exit(78);');
  expect(await run.ended).toBe(78);
  expect(await run.pids()).toHaveLength(1);
});

test('a signal reaches the child, which drains, and nothing is started again', async () => {
  const run = await superviseScript(
    'signal',
    `process.once('SIGTERM', () => { console.log('draining'); process.exit(0); });
     setInterval(() => undefined, 1000);
     console.log('up');`,
  );
  await run.until('up');
  run.process.kill('SIGTERM');
  expect(await run.ended).toBe(0);
  expect(run.said()).toContain('draining');
  expect(await run.pids()).toHaveLength(1);
});

test('a child whose supervisor was killed drains by itself', async () => {
  const run = await superviseScript(
    'orphan',
    `process.once('SIGTERM', () => { console.log('draining'); process.exit(0); });
     setInterval(() => undefined, 1000);
     console.log('up');`,
  );
  await run.until('up');
  run.process.kill('SIGKILL');
  await run.until('draining');
});
