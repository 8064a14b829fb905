// Where flows are played: a whole Parley with the simulated carrier of the demo, and a browser. Each test opens a shop of
// its own on it, so that no test sees what another one left.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { AssistantInput } from '@parley/contract/assistant';
import type { Channel } from '@parley/contract/channels';
import type { Conversation } from '@parley/contract/conversations';
import type { Message, MessageDetail } from '@parley/contract/messages';
import type { Role } from '@parley/contract/tenancy';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { createPhoneLine } from '../../../server/src/cli/phone-line.ts';
import { type Simulation, startSimulation } from '../../../server/src/cli/simulation.ts';
import { demoStory } from '../../../server/src/demo.ts';
import { createText } from '../../../server/src/modules/knowledge/knowledge.ts';
import { createMember } from '../../../server/src/modules/tenancy/members.ts';
import {
  type ApiClient,
  type ApiResponse,
  startTestApp,
  type TestApp,
  type TestWorkspace,
} from '../../../server/test/harness.ts';
import { signIn } from '../../../server/test/signed-in.ts';

export interface Stage {
  readonly test: TestApp;
  readonly simulation: Simulation;
  readonly browser: Browser;
  openShop(assistant?: Partial<AssistantInput>): Promise<Shop>;
  /** Opens the app for somebody who has not signed in. */
  openSignedOut(view?: View): Promise<Page>;
  /** What pages complained about since the last call: scripts that threw, and what the content policy stopped. */
  takeComplaints(): string[];
  /** Shuts the browsers of the test that has ended. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface Shop {
  readonly workspace: TestWorkspace;
  readonly channel: Channel;
  /** Somebody who texts the shop; each call finds another one. */
  contact(): Contact;
  member(role: Role, name?: string): Promise<Member>;
  conversations(): Promise<Conversation[]>;
  messages(conversationId: string): Promise<MessageDetail[]>;
  setAssistant(change: Partial<AssistantInput>): Promise<void>;
}

export interface Contact {
  /** As the inbox shows it. */
  readonly name: string;
  readonly number: string;
  text(body: string): Promise<void>;
  /** With the shop, once there is one. */
  conversation(): Promise<Conversation>;
}

export interface Member {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly client: ApiClient;
  /** Opens a page in a browser of this member's own. */
  open(path: string, view?: View): Promise<Page>;
}

export interface View {
  /** In px. */
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
  /** With the phone of the demo beside the page. */
  readonly phone?: boolean;
  /** Blocked unless a flow is about them: each new browser would fetch the whole app for one. */
  readonly serviceWorkers?: 'allow' | 'block';
}

/** How long a page may take to show what was promised. */
export const patienceMs = 15_000;
const telephoneWidthMax = 640;
/** When set, each test leaves there what was on its screens at its end. */
const pictureFolder = process.env.FLOW_PICTURES;

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '',
    // Chromium refuses to sandbox for root, which CI often is.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

/** @param environment what this flow's Parley is started with besides */
export async function openStage(environment: Record<string, string> = {}): Promise<Stage> {
  const simulation = await startSimulation(Buffer.alloc(32, 11));
  const [test, browser] = await Promise.all([
    startTestApp({
      environment: {
        TWILIO_API_URL: simulation.url,
        PARLEY_DEMO: 'true',
        EGRESS_ALLOW_HOSTS: '127.0.0.1',
        ...environment,
      },
      phoneLine: createPhoneLine(simulation),
    }),
    openBrowser(),
  ]);
  const contexts = new Set<BrowserContext>();
  let complaints: string[] = [];
  let people = 0;
  let shops = 0;

  /** With the member's session, and none of what a newcomer is offered. */
  const openPage = async (cookie: string, path: string, view: View): Promise<Page> => {
    const { width = 1440, theme = 'light', phone = false, serviceWorkers = 'block' } = view;
    const isTelephone = width <= telephoneWidthMax;
    const context = await browser.newContext({
      viewport: { width, height: isTelephone ? 844 : 900 },
      hasTouch: isTelephone,
      colorScheme: theme,
      reducedMotion: 'reduce',
      locale: 'en-US',
      serviceWorkers,
    });
    contexts.add(context);
    context.setDefaultTimeout(patienceMs);
    const cookies = cookie
      .split('; ')
      .filter(Boolean)
      .map((pair) => {
        const at = pair.indexOf('=');
        return { name: pair.slice(0, at), value: pair.slice(at + 1), url: test.url };
      });
    await context.addCookies(cookies);
    const screen = JSON.stringify({ state: { phoneOpen: phone }, version: 0 });
    await context.addInitScript(
      `localStorage.getItem('parley.screen') ?? localStorage.setItem('parley.screen', ${JSON.stringify(screen)})`,
    );
    // What a script catches is not told on the console.
    await context.addInitScript(
      `addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile }) =>
        console.error('Content Security Policy: ' + violatedDirective + ' by ' + sourceFile))`,
    );
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) complaints.push(message.text());
    });
    await page.goto(test.url + path);
    return page;
  };

  const openShop = async (assistant: Partial<AssistantInput> = {}): Promise<Shop> => {
    const serial = String(++shops).padStart(2, '0');
    const address = `+120255502${serial}`;
    await simulation.addNumber(address, '');
    const workspace = await test.workspace({ name: demoStory.workspaceName });
    const admin = workspace.as('admin');
    const setAssistant = async (change: Partial<AssistantInput>) => {
      const { status } = await admin.put('/api/v1/assistant', {
        policy: 'auto',
        persona: demoStory.persona,
        burstWaitMs: 0,
        repliesPerHourMax: 100,
        modelId: null,
        ...change,
      });
      expect(status).toBe(200);
    };
    await setAssistant(assistant);
    await workspace.ctx.transaction(async (tx) => {
      for (const text of demoStory.texts) await createText(tx, text);
    });
    const { status, body: channel } = await admin.post<Channel>('/api/v1/channels', {
      provider: 'twilio',
      name: demoStory.channelName,
      address,
      country: 'US',
      credentials: { accountSid: simulation.accountSid, authToken: simulation.authToken },
      configureWebhooks: true,
    });
    expect(status).toBe(201);
    let contacts = 0;
    const conversations = async () =>
      must(await admin.get<{ items: Conversation[] }>('/api/v1/conversations?limit=100')).items;

    return {
      workspace,
      channel,
      conversations,
      setAssistant,
      messages: async (conversationId) => {
        const { messages } = must(
          await admin.get<{ messages: Message[] }>(`/api/v1/conversations/${conversationId}`),
        );
        return Promise.all(
          messages.map(async ({ id }) => must(await admin.get<MessageDetail>(`/api/v1/messages/${id}`))),
        );
      },
      contact: () => {
        const last = String(100 + ++contacts).padStart(4, '0');
        const number = `+1312555${last}`;
        const find = async () => (await conversations()).find(({ contact }) => contact.address === number);
        return {
          number,
          name: `+1 (312) 555-${last}`,
          conversation: () => test.until(`the conversation with ${number}`, find),
          text: async (body) => {
            const { answer } = await simulation.simulator.text({ from: number, to: address, body });
            expect(answer?.status).toBe(200);
          },
        };
      },
      member: async (role, name = `The ${role}`) => {
        const email = `person-${++people}@example.com`;
        const { password: made, userId } = await createMember(workspace.ctx, { email, name, role });
        const password = made ?? '';
        // So that they can be asked into other workspaces too.
        await test.kernel.database.asSystem((queries) =>
          queries.sql('update users set email_verified = true where id = $1', [userId]),
        );
        const { client, cookie } = await signIn(test, { email, password }, workspace.id);
        const done = await client.put('/api/v1/auth/preferences', { tourDone: true });
        expect(done.status).toBe(200);
        return {
          userId,
          name,
          email,
          password,
          client,
          open: (path, view = {}) => openPage(cookie, path, view),
        };
      },
    };
  };

  return {
    test,
    simulation,
    browser,
    openShop,
    openSignedOut: (view = {}) => openPage('', '/', view),
    takeComplaints: () => {
      const taken = complaints;
      complaints = [];
      return taken;
    },
    clear: async () => {
      const pages = [...contexts].flatMap((context) => context.pages());
      if (pictureFolder) await Promise.all(pages.map((page) => takePicture(page, pictureFolder)));
      await Promise.all([...contexts].map((context) => context.close()));
      contexts.clear();
      await simulation.simulator.idle();
      await test.settled();
    },
    close: async () => {
      await browser.close();
      await test.close();
      await simulation.close();
    },
  };
}

async function takePicture(page: Page, folder: string): Promise<void> {
  const { currentTestName = 'test' } = expect.getState();
  const name = currentTestName.replaceAll(/\W+/g, '-').slice(0, 80);
  await page.screenshot({ path: join(folder, `${name}-${randomUUID().slice(0, 4)}.png`) });
}

function must<Body>({ status, body }: ApiResponse<Body>): Body {
  expect(status).toBe(200);
  return body;
}
