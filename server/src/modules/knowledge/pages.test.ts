import { gzipSync } from 'node:zlib';
import type { TrainingData, TrainingDataDetail } from '@parley/contract/training-data';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makePdf } from '../../../test/documents.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { startSite, type TestSite } from '../../../test/site.ts';
import { trainingDataPath, whenRead } from '../../../test/training.ts';
import { fixedClock } from '../../core/clock.ts';
import { findPassages, passagesOf } from './knowledge.ts';
import { read } from './read-job.ts';
import { queueDueReadings } from './refetch.ts';

const clock = fixedClock(Date.now());
let site: TestSite;
let test: TestApp;
let workspace: TestWorkspace;
beforeAll(async () => {
  site = await startSite();
  test = await startTestApp({ clock, environment: { EGRESS_ALLOW_PAGE_HOSTS: site.host } });
});
afterAll(async () => {
  await test.close();
  await site.close();
});
beforeEach(async () => {
  workspace = await test.workspace();
  site.put('/robots.txt', null);
  site.requests();
});

const hour = 3_600_000;
const article = (title: string, text: string) =>
  `<!doctype html><html><head><title>${title}</title><script>var secret = "script words"</script></head>
   <body><nav>Home Shop Contact</nav><main><h1>${title}</h1><p>${text}</p></main></body></html>`;

async function give(body: object): Promise<TrainingData> {
  const answer = await workspace.as('admin').post<TrainingData>(trainingDataPath, body);
  expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
  return whenRead(test, workspace, answer.body.id);
}

/** Lets time pass, and what is due be read. */
async function after(ms: number, id: string): Promise<TrainingData> {
  clock.advance(ms);
  await queueDueReadings(test.kernel.systemContext());
  return whenRead(test, workspace, id);
}

/** What was asked for of some pages; those of other tests may be due too. */
const requestsFor = (...paths: string[]) =>
  site.requests().filter((request) => paths.includes(request.split(' ')[0] ?? ''));

const detailOf = async (id: string) =>
  (await workspace.as('viewer').get<TrainingDataDetail>(`${trainingDataPath}/${id}`)).body;

const textsFor = async (question: string) =>
  (await findPassages(await passagesOf(workspace.ctx), question, 'en', 5)).map(({ text }) => text);

describe('a page', () => {
  it('is fetched and read: its main part, without scripts and menus', async () => {
    site.put('/hours', article('Hours', 'We open at nine.'));
    const data = await give({ kind: 'page', url: `${site.url}/hours#top` });
    expect(data).toMatchObject({
      title: 'Hours',
      origin: { url: `${site.url}/hours` },
      state: 'ready',
      error: null,
      passages: 1,
      refetchHours: null,
      nextFetchAt: null,
    });
    expect(await textsFor('when do you open')).toEqual(['We open at nine.']);
    const again = await workspace
      .as('admin')
      .post<TrainingData>(trainingDataPath, { kind: 'page', url: `${site.url}/hours` });
    expect([again.status, again.body.id]).toEqual([200, data.id]);
  });

  it('that did not change is not read again, and one that did is', async () => {
    site.put('/price', article('Price', 'Bread costs three euros.'));
    const data = await give({ kind: 'page', url: `${site.url}/price`, refetchHours: 24 });
    expect(data.nextFetchAt).toBe(new Date(clock.now() + 24 * hour).toISOString());
    site.requests();
    const same = await after(24 * hour, data.id);
    expect(requestsFor('/price')).toEqual(['/price 304']);
    expect(same).toMatchObject({ state: 'ready', version: data.version });
    // The same words in another frame are the same knowledge.
    site.put('/price', article('Price', 'Bread costs three euros.').replace('Home', 'Start'));
    expect(await after(24 * hour, data.id)).toMatchObject({ version: data.version });
    site.put('/price', article('Price', 'Bread costs four euros.'));
    const changed = await after(24 * hour, data.id);
    expect(changed.version).toBeGreaterThan(data.version);
    expect(await textsFor('what does bread cost')).toEqual(['Bread costs four euros.']);
    await after(23 * hour, data.id);
    expect(requestsFor('/price')).toHaveLength(2);
  });

  it('that is gone is said to be, is not answered from, and comes back when it is back', async () => {
    site.put('/sale', article('Sale', 'Cakes are cheaper on Monday.'));
    const data = await give({ kind: 'page', url: `${site.url}/sale`, refetchHours: 1 });
    site.put('/sale', null);
    expect(await after(hour, data.id)).toMatchObject({ state: 'stale', error: { code: 'page_gone' } });
    expect((await detailOf(data.id)).documents).toMatchObject([{ state: 'gone' }]);
    expect(await textsFor('are cakes cheaper')).toEqual([]);
    site.put('/sale', article('Sale', 'Cakes are cheaper on Monday.'));
    expect(await after(hour, data.id)).toMatchObject({ state: 'ready', error: null });
    expect(await textsFor('are cakes cheaper')).toHaveLength(1);
    expect(await give({ kind: 'page', url: `${site.url}/never-was` })).toMatchObject({
      state: 'failed',
      error: { code: 'page_gone' },
    });
  });

  it('whose site is down stays known, is called stale, and is tried again soon', async () => {
    site.put('/menu', article('Menu', 'Soup of the day is lentil.'));
    const data = await give({ kind: 'page', url: `${site.url}/menu`, refetchHours: 48 });
    site.put('/menu', { body: 'down', status: 503 });
    const stale = await after(48 * hour, data.id);
    expect(stale).toMatchObject({ state: 'stale', error: { code: 'not_fetched' } });
    expect(stale.nextFetchAt).toBe(new Date(clock.now() + 10 * 60_000).toISOString());
    expect(await textsFor('what soup')).toHaveLength(1);
    site.put('/menu', article('Menu', 'Soup of the day is tomato.'));
    expect(await after(10 * 60_000, data.id)).toMatchObject({ state: 'ready', error: null });
    expect(await textsFor('what soup')).toEqual(['Soup of the day is tomato.']);
  });

  it('is followed where it moved, a few times and not for ever', async () => {
    site.put('/old', { body: '', status: 301, headers: { location: '/new' } });
    site.put('/new', article('New', 'We moved to the harbour.'));
    site.put('/round', { body: '', status: 302, headers: { location: '/round' } });
    expect(await give({ kind: 'page', url: `${site.url}/old` })).toMatchObject({ state: 'ready' });
    expect(await give({ kind: 'page', url: `${site.url}/round` })).toMatchObject({
      state: 'failed',
      error: { code: 'not_fetched' },
    });
  });

  it('at an address that must not be called is not called, also by way of another', async () => {
    site.put('/inside', { body: '', status: 302, headers: { location: 'http://127.0.0.1:1/' } });
    site.put('/file', { body: '', status: 302, headers: { location: 'file:///etc/passwd' } });
    for (const url of [
      `${site.url}/inside`,
      `${site.url}/file`,
      'http://169.254.169.254/',
      'http://[::1]/',
    ]) {
      const data = await give({ kind: 'page', url });
      expect([url, data.state, data.error?.code]).toEqual([url, 'failed', 'address_forbidden']);
    }
    for (const url of ['ftp://example.com/', 'http://user:password@example.com/', 'nonsense']) {
      expect((await workspace.as('admin').post(trainingDataPath, { kind: 'page', url })).status).toBe(400);
    }
  });

  it('that robots.txt keeps programs from is not fetched', async () => {
    site.put('/robots.txt', { body: 'User-agent: *\nDisallow: /private\n', contentType: 'text/plain' });
    site.put('/private/page', article('Private', 'Not for programs.'));
    const refused = await give({ kind: 'page', url: `${site.url}/private/page` });
    expect(refused).toMatchObject({ state: 'failed', error: { code: 'robots_forbid' } });
    expect(site.requests()).toEqual(['/robots.txt 200']);
    site.put('/robots.txt', { body: 'overloaded', status: 503 });
    site.put('/open', article('Open', 'For everybody.'));
    expect(await give({ kind: 'page', url: `${site.url}/open` })).toMatchObject({
      error: { code: 'not_fetched' },
    });
  });

  it('may be packed, in another charset, or a document; not a picture, and not packed without end', async () => {
    const pages: [string, Parameters<TestSite['put']>[1], string | null][] = [
      [
        '/packed',
        { body: gzipSync(article('a', 'Packed words.')), headers: { 'content-encoding': 'gzip' } },
        null,
      ],
      [
        '/latin',
        { body: Buffer.from('<p>Pão de açúcar', 'latin1'), contentType: 'text/html; charset=iso-8859-1' },
        null,
      ],
      ['/paper.pdf', { body: makePdf([['Written on paper.']]), contentType: 'application/pdf' }, null],
      [
        '/picture',
        { body: Buffer.from('iVBORw0KGgoAAAANSUhEUg', 'base64'), contentType: 'text/html' },
        'type_not_read',
      ],
      [
        '/bomb',
        { body: gzipSync(Buffer.alloc(50_000_000)), headers: { 'content-encoding': 'gzip' } },
        'too_large',
      ],
      ['/empty', { body: '<script>all()</script>' }, 'no_text'],
    ];
    for (const [path, page, code] of pages) {
      site.put(path, page);
      const data = await give({ kind: 'page', url: site.url + path });
      expect([path, data.error?.code ?? null]).toEqual([path, code]);
    }
    expect(await textsFor('açúcar')).toContain('Pão de açúcar');
  });
});

describe('a sitemap', () => {
  const sitemap = (paths: readonly string[]) =>
    `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${paths
      .map((path) => `<url><loc>${path.startsWith('/') ? site.url + path : path}</loc></url>`)
      .join('')}</urlset>`;
  const xml = (body: string) => ({ body, contentType: 'application/xml' });

  it('brings the pages of its own site, through sitemaps of sitemaps, up to a number', async () => {
    for (const name of ['a', 'b', 'c', 'd']) site.put(`/${name}`, article(name, `The words of ${name}.`));
    const index = ['/one.xml', '/two.xml.gz', '/index.xml'].map(
      (path) => `<sitemap><loc>${site.url}${path}</loc></sitemap>`,
    );
    site.put('/index.xml', xml(`<sitemapindex>${index.join('')}</sitemapindex>`));
    site.put('/one.xml', xml(sitemap(['/a', '/b', '/a', 'https://example.com/x', 'file:///etc/passwd'])));
    site.put('/two.xml.gz', { body: gzipSync(sitemap(['/c', '/d'])), contentType: 'application/gzip' });
    const data = await give({ kind: 'sitemap', url: `${site.url}/index.xml`, pagesMax: 3 });
    expect(data).toMatchObject({ state: 'ready', error: null, passages: 3 });
    const { documents } = await detailOf(data.id);
    expect(documents.map(({ url }) => url)).toEqual(['/a', '/b', '/c'].map((path) => site.url + path));
  });

  it('is followed as deep as it was asked to be, and no deeper', async () => {
    const indexOf = (path: string) =>
      xml(`<sitemapindex><sitemap><loc>${site.url}${path}</loc></sitemap></sitemapindex>`);
    site.put('/deep', article('Deep', 'What lies deep.'));
    site.put('/level0.xml', indexOf('/level1.xml'));
    site.put('/level1.xml', indexOf('/level2.xml'));
    site.put('/level2.xml', xml(sitemap(['/deep'])));
    site.put('/flat.xml', xml(sitemap(['/deep'])));
    const flat = await give({ kind: 'sitemap', url: `${site.url}/flat.xml`, depth: 0 });
    expect(flat).toMatchObject({ state: 'ready', depth: 0, passages: 1 });
    const data = await give({ kind: 'sitemap', url: `${site.url}/level0.xml`, depth: 1, refetchHours: 1 });
    expect(data).toMatchObject({ state: 'failed', depth: 1, error: { code: 'no_pages' } });
    expect(requestsFor('/level2.xml')).toEqual([]);
    const path = `${trainingDataPath}/${data.id}`;
    expect((await workspace.as('admin').put<TrainingData>(path, { depth: 2 })).body.depth).toBe(2);
    expect(await after(hour, data.id)).toMatchObject({ state: 'ready', passages: 1 });
    expect((await workspace.as('admin').put(path, { depth: 6 })).status).toBe(400);
    expect((await workspace.as('admin').put(`${trainingDataPath}/${flat.id}`, { depth: -1 })).status).toBe(
      400,
    );
  });

  it('read again does only what changed again: new pages come, changed ones change, removed ones go', async () => {
    site.put('/a', article('a', 'Apples are red.'));
    site.put('/b', article('b', 'Bananas are yellow.'));
    site.put('/c', article('c', 'Cherries are dark.'));
    site.put('/map.xml', xml(sitemap(['/a', '/b', '/c'])));
    const data = await give({ kind: 'sitemap', url: `${site.url}/map.xml`, refetchHours: 12 });
    expect(data).toMatchObject({ state: 'ready', passages: 3 });
    site.put('/b', article('b', 'Bananas are green.'));
    site.put('/d', article('d', 'Dates are brown.'));
    site.put('/map.xml', xml(sitemap(['/b', '/c', '/d'])));
    site.requests();
    await after(12 * hour, data.id);
    expect(requestsFor('/map.xml', '/a', '/b', '/c', '/d')).toEqual([
      '/map.xml 200',
      '/b 200',
      '/c 304',
      '/d 200',
    ]);
    expect(await textsFor('apples bananas cherries dates')).toEqual(
      expect.arrayContaining(['Bananas are green.', 'Cherries are dark.', 'Dates are brown.']),
    );
    expect(await textsFor('are apples red')).not.toContain('Apples are red.');
  });

  it('with pages that fail has the others, and says how many are missing', async () => {
    site.put('/good', article('good', 'Good words.'));
    site.put('/gone', null);
    site.put('/map2.xml', xml(sitemap(['/good', '/gone'])));
    const data = await give({ kind: 'sitemap', url: `${site.url}/map2.xml` });
    expect(data).toMatchObject({
      state: 'ready',
      error: { code: 'some_pages_failed', message: '1 of 2 pages could not be read.' },
    });
  });

  it('of which a part cannot be read loses no page, and says so until it can', async () => {
    site.put('/e', article('e', 'Elderberries are black.'));
    site.put('/f', article('f', 'Figs are purple.'));
    const index = ['/e.xml', '/f.xml'].map((path) => `<sitemap><loc>${site.url}${path}</loc></sitemap>`);
    site.put('/parts.xml', xml(`<sitemapindex>${index.join('')}</sitemapindex>`));
    site.put('/e.xml', xml(sitemap(['/e'])));
    site.put('/f.xml', xml(sitemap(['/f'])));
    const data = await give({ kind: 'sitemap', url: `${site.url}/parts.xml`, refetchHours: 12 });
    expect(data).toMatchObject({ state: 'ready', error: null, passages: 2 });
    for (const paths of [['/e'], ['/e', '/g']]) {
      site.put('/g', article('g', 'Grapes are green.'));
      site.put('/e.xml', xml(sitemap(paths)));
      site.put('/f.xml', { body: 'down', status: 503 });
      expect(await after(12 * hour, data.id)).toMatchObject({
        state: 'ready',
        error: { code: 'some_pages_failed', message: 'A part of the sitemap could not be read.' },
        passages: paths.length + 1,
      });
      expect(await textsFor('are figs purple')).toContain('Figs are purple.');
    }
    site.put('/f.xml', xml(sitemap([])));
    expect(await after(12 * hour, data.id)).toMatchObject({ error: null, passages: 2 });
    expect(await textsFor('are figs purple')).not.toContain('Figs are purple.');
  });

  it('that is none, or declares a thousand laughs, fails at once', async () => {
    site.put('/page', article('page', 'No sitemap.'));
    const laughs = `<!DOCTYPE z [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>`;
    site.put('/laughs.xml', xml(laughs));
    for (const path of ['/page', '/laughs.xml']) {
      const data = await give({ kind: 'sitemap', url: site.url + path });
      expect(data).toMatchObject({ state: 'failed', error: { code: 'no_pages' } });
    }
  });
});

it('a reading whose process was killed goes on where it was, and one that is over does nothing', async () => {
  for (const name of ['k1', 'k2', 'k3']) site.put(`/${name}`, article(name, `The words of ${name}.`));
  const locations = ['k1', 'k2', 'k3'].map((name) => `<url><loc>${site.url}/${name}</loc></url>`).join('');
  site.put('/killed.xml', { body: `<urlset>${locations}</urlset>`, contentType: 'application/xml' });
  const data = await give({ kind: 'sitemap', url: `${site.url}/killed.xml` });
  const run = { id: 'x', attempt: 1, isLastAttempt: false, signal: new AbortController().signal };
  const input = { trainingDataId: data.id, reading: 1 };
  site.requests();
  await read(workspace.ctx, input, run);
  expect(requestsFor('/killed.xml', '/k1', '/k2', '/k3')).toEqual([]);
  // As a killed process leaves it: two pages were looked at, the third was not.
  await workspace.ctx.transaction(async (tx) => {
    const progress = JSON.stringify({ done: 2, of: 3, unit: 'pages' });
    await tx.sql("update training_data set state = 'reading', progress = $2 where id = $1", [
      data.id,
      progress,
    ]);
    await tx.sql('update training_documents set reading = 0 where training_data_id = $1 and position = 2', [
      data.id,
    ]);
  });
  await read(workspace.ctx, input, run);
  expect(requestsFor('/killed.xml', '/k1', '/k2', '/k3')).toEqual(['/k3 304']);
  expect(await whenRead(test, workspace, data.id)).toMatchObject({
    state: 'ready',
    passages: 3,
    version: data.version,
  });
});
