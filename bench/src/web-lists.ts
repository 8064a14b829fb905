// Whether long lists scroll without a stutter: 100,000 conversations, and a thread of 10,000 messages, in a real Chromium
// that draws without a graphics card. The ceiling is the same wheel over a page that is as long and never changes.
import { systemClock } from '@parley/server/core/clock';
import { loadConfig } from '@parley/server/core/config';
import { systemActor } from '@parley/server/core/context';
import { secretKeyWrapper } from '@parley/server/core/crypto';
import { newId } from '@parley/server/core/identifiers';
import { Kernel } from '@parley/server/core/kernel';
import { createLogger } from '@parley/server/core/log';
import { readSecret } from '@parley/server/core/secret';
import { chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';
import { type Installation, install } from './installation.ts';
import type { Postgres } from './postgres.ts';
import { type Figure, figure, quantile } from './result.ts';

const conversationCount = 100_000;
const messageCount = 10_000;
const batchSize = 5000;
const rounds = 3;
const turnsOfTheWheel = 120;
const wheelPx = 240;
/** A frame of a screen with 60 of them a second, and one that was left out. */
const stutterMs = 2 * (1000 / 60);

const sentence = 'Could you tell me whether my order has left, and when it will be here?';

interface Seeded {
  readonly longest: string;
}

async function seed(installation: Installation): Promise<Seeded> {
  const config = loadConfig({ ...installation.environment, PARLEY_ROLE: 'worker' });
  const secret = await readSecret(config);
  const kernel = await Kernel.open({
    config,
    clock: systemClock,
    log: createLogger('error'),
    secret,
    wrappers: [secretKeyWrapper(secret)],
    ports: () => [],
    subscriptions: [],
  });
  const { workspaceId } = installation;
  const ctx = kernel.context({ workspaceId, actor: systemActor, requestId: 'bench' });
  const channelId = newId();
  const start = Date.now() - (conversationCount + messageCount) * 1000;
  let longest = '';
  try {
    await ctx.transaction(async (tx) => {
      await tx.sql(
        `insert into channels (id, workspace_id, provider, name, address, account_id, country, credentials)
         values ($1, $2, 'twilio', 'Bench', '+15559990000', 'bench', 'US', $3)`,
        [channelId, workspaceId, tx.seal('{}', `channels.credentials:${channelId}`)],
      );
    });
    for (let done = 0; done < conversationCount; done += batchSize) {
      await ctx.transaction(async (tx) => {
        const rows = Array.from({ length: batchSize }, (_, index) => {
          const number = done + index;
          const [contact, point, conversation, message] = [newId(), newId(), newId(), newId()];
          return {
            contact,
            point,
            conversation,
            message,
            name: Buffer.from(tx.seal(`Contact ${number}`, `contacts.name:${contact}`)).toString('hex'),
            content: Buffer.from(tx.seal(sentence, `messages.content:${message}`)).toString('hex'),
            address: `+1555${String(1_000_000 + number)}`,
            at: new Date(start + number * 1000).toISOString(),
          };
        });
        longest = rows.at(-1)?.conversation ?? longest;
        await tx.sql(
          `with rows as materialized (
             select * from jsonb_to_recordset($1::jsonb) as r(contact uuid, point uuid, conversation uuid, message uuid,
               name text, content text, address text, at timestamptz)
           ), made_contacts as (
             insert into contacts (id, workspace_id, name) select contact, $2, decode(name, 'hex') from rows
           ), made_points as (
             insert into contact_points (id, workspace_id, contact_id, address, address_original)
             select point, $2, contact, address, address from rows
           ), made_conversations as (
             insert into conversations (id, workspace_id, channel_id, contact_id, contact_point_id, last_message_at, last_inbound_at)
             select conversation, $2, $3, contact, point, at, at from rows
           )
           insert into messages (id, workspace_id, conversation_id, channel_id, direction, sender_kind, from_address, to_address,
             content, status, encoding, segments, created_at, updated_at)
           select message, $2, conversation, $3, 'inbound', 'contact', address, '+15559990000', decode(content, 'hex'),
             'received', 'GSM-7', 1, at, at from rows`,
          [JSON.stringify(rows), workspaceId, channelId],
        );
      });
    }
    for (let done = 0; done < messageCount; done += batchSize) {
      await ctx.transaction(async (tx) => {
        const rows = Array.from({ length: batchSize }, (_, index) => {
          const id = newId();
          const number = done + index;
          const text = `${number}: ${sentence.repeat(1 + (number % 3))}`;
          return {
            id,
            content: Buffer.from(tx.seal(text, `messages.content:${id}`)).toString('hex'),
            inbound: number % 2 === 0,
            at: new Date(start + (conversationCount + number) * 1000).toISOString(),
          };
        });
        await tx.sql(
          `insert into messages (id, workspace_id, conversation_id, channel_id, direction, sender_kind, from_address, to_address,
             content, status, encoding, segments, created_at, updated_at)
           select id, $2, $3, $4, case when inbound then 'inbound' else 'outbound' end,
             case when inbound then 'contact' else 'assistant' end, '', '', decode(content, 'hex'),
             case when inbound then 'received' else 'delivered' end, 'GSM-7', 1, at, at
           from jsonb_to_recordset($1::jsonb) as r(id uuid, content text, inbound boolean, at timestamptz)`,
          [JSON.stringify(rows), workspaceId, longest, channelId],
        );
        await tx.sql('update conversations set last_message_at = $2, last_inbound_at = $2 where id = $1', [
          longest,
          rows.at(-1)?.at,
        ]);
      });
    }
    await kernel.database.asOwner((queries) => queries.sql('analyze'));
    return { longest };
  } finally {
    await kernel.close();
  }
}

/** Runs in the page, and is text because it is the browser's and not Node's: how long each frame took, in ms. */
const watchFrames = `
  globalThis.parleyFrames = [];
  let last = performance.now();
  const step = (now) => { parleyFrames.push(now - last); last = now; requestAnimationFrame(step); };
  requestAnimationFrame(step);
`;

interface Scrolled {
  /** Of all frames, in ms. */
  readonly p99: number;
  /** The share of frames that came so late that one was left out. */
  readonly stutter: number;
}

async function scroll(page: Page, selector: string, directionY: 1 | -1): Promise<Scrolled> {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not on the page`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.evaluate(watchFrames);
  for (let turn = 0; turn < turnsOfTheWheel; turn += 1) {
    await page.mouse.wheel(0, directionY * wheelPx);
    await page.waitForTimeout(16);
  }
  const frames = await page.evaluate<number[]>('parleyFrames.slice(2)');
  return {
    p99: quantile(frames, 0.99),
    stutter: frames.filter((frame) => frame > stutterMs + 1).length / frames.length,
  };
}

const barePage = `<!doctype html><div style="height:100vh;overflow:auto" data-scroller="bare">${'<p>Could you tell me?</p>'.repeat(2000)}</div>`;

async function measure(installation: Installation, { longest }: Seeded): Promise<Figure[]> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('The lists are measured in a Chromium, and none was found.');
  const { publicUrl: url } = installation;
  const email = 'reader@parley.local';
  const { link } = await installation.call<{ link: string }>('POST', '/api/v1/invitations', {
    email,
    role: 'agent',
  });
  const password = 'the reader of the long lists';
  await installation.call('POST', '/api/v1/invitation/account', {
    token: link.split('#token=')[1],
    name: 'Reader',
    password,
  });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      serviceWorkers: 'block',
    });
    const answer = await context.request.post(`${url}/api/auth/sign-in/email`, {
      data: { email, password },
      headers: { origin: url },
    });
    if (!answer.ok()) throw new Error(`the sign-in was answered ${answer.status()}`);
    const open = async (path: string): Promise<Page> => {
      const page = await context.newPage();
      await page.goto(path.startsWith('/') ? `${url}${path}` : path);
      return page;
    };
    const [list, thread, bare]: Scrolled[][] = [[], [], []];
    for (let round = 0; round < rounds; round += 1) {
      const inbox = await open(`/inbox/${longest}`);
      await inbox.locator('[data-scroller="list"] li').first().waitFor();
      await inbox.locator('[data-scroller="thread"]').waitFor();
      list?.push(await scroll(inbox, '[data-scroller="list"]', 1));
      thread?.push(await scroll(inbox, '[data-scroller="thread"]', -1));
      await inbox.close();
      const empty = await open('about:blank');
      await empty.setContent(barePage);
      bare?.push(await scroll(empty, '[data-scroller="bare"]', 1));
      await empty.close();
    }
    const figures = (name: string, what: string, ours: readonly Scrolled[] = []) => [
      figure(
        name,
        'ms',
        `a page that never changes: 99 of 100 frames while ${what} is scrolled`,
        ours.map(({ p99 }) => p99),
        bare?.map(({ p99 }) => p99),
      ),
      figure(
        `${name}-stutter`,
        '%',
        'of the frames came after one that was left out',
        ours.map(({ stutter }) => 100 * stutter),
      ),
    ];
    return [
      ...figures('web-list', `a list of ${conversationCount} conversations`, list),
      ...figures('web-thread', `a thread of ${messageCount} messages`, thread),
    ];
  } finally {
    await browser.close();
  }
}

/** @throws Error where no Chromium is installed, or the web app was not built */
export async function webLists(postgres: Postgres): Promise<Figure[]> {
  const installation = await install(await postgres.database('bench_lists'), 'http://127.0.0.1:9');
  const seeded = await seed(installation);
  const running = await installation.start('all');
  try {
    return await measure(installation, seeded);
  } finally {
    await running.kill();
    installation.close();
  }
}
