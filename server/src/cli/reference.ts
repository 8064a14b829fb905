// Writes the reference from the code: settings, API, events, jobs, permissions, metrics. `--check` writes nothing and
// fails when a page is not in step. `npm run reference`
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createApp, modules } from '../app.ts';
import { loadConfig, settings } from '../core/config.ts';
import { openDatabase } from '../core/database.ts';
import { createLogger } from '../core/log.ts';
import type { MetricDescription } from '../core/metrics.ts';
import { areaOf, ownersOnly, type Permission, permissions } from '../modules/tenancy/tenancy.ts';

const root = resolve(import.meta.dirname, '../../..');
const generated = 'Written by `npm run reference` from the code; do not edit.';

/** Every page by its path, in the project. */
export async function buildReference(): Promise<ReadonlyMap<string, string>> {
  const { document, metrics } = await describeApp();
  const openApi = openApiDocument.parse(document);
  const pages: [string, string][] = [
    ['.env.example', environmentExample()],
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/openapi.json', `${JSON.stringify(document, null, 2)}\n`],
    ['docs/reference/api.md', apiPage(openApi)],
    ['docs/reference/events.md', eventsPage()],
    ['docs/reference/audit.md', auditPage()],
    ['docs/reference/jobs.md', jobsPage()],
    ['docs/reference/permissions.md', permissionsPage(openApi)],
    ['docs/reference/metrics.md', metricsPage(metrics)],
  ];
  return new Map(pages);
}

/** The app on a database in memory: it is built, and never started. */
async function describeApp(): Promise<{ document: unknown; metrics: readonly MetricDescription[] }> {
  const config = loadConfig({
    PUBLIC_URL: 'http://localhost:3000',
    PARLEY_SECRET: 'nothing is ever sealed with this secret',
    PARLEY_DEMO: 'false',
  });
  const database = await openDatabase({
    url: undefined,
    dataDirectory: 'memory://',
    poolMax: 2,
    onError: () => undefined,
  });
  const app = await createApp({ config, log: createLogger('silent'), database });
  try {
    await app.http.ready();
    return { document: app.http.swagger(), metrics: app.kernel.metrics.described };
  } finally {
    await app.stop();
  }
}

const operation = z.object({
  summary: z.string().optional(),
  tags: z.array(z.string()).default(['other']),
  'x-permission': z.string(),
  'x-step-up': z.literal(true).optional(),
});
const openApiDocument = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });
type OpenApiDocument = z.output<typeof openApiDocument>;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly permission: string;
  readonly stepUp: boolean;
  readonly summary: string;
}

function routesOf({ paths }: OpenApiDocument): Route[] {
  return Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { summary = '', tags, 'x-permission': permission, 'x-step-up': stepUp }]) => ({
          method: method.toUpperCase(),
          path,
          tag: tags[0] ?? 'other',
          permission,
          stepUp: stepUp ?? false,
          summary,
        }),
      ),
    )
    .toSorted(
      (left, right) => left.path.localeCompare(right.path) || left.method.localeCompare(right.method),
    );
}

function environmentExample(): string {
  const blocks = Object.entries(settings).map(([name, { doc, default: usual, expects, schema }]) =>
    [
      ...wrap(doc, 98).map((line) => `# ${line}`),
      `# Expects ${expects}. Default: ${usual}`,
      // Some defaults are words about a value, which must not be taken for one.
      `#${name}=${schema.safeParse(usual).success && !usual.startsWith('(') && !usual.includes('PORT') ? usual : ''}`,
    ].join('\n'),
  );
  return `# Copy this file to .env and take the # away from what you change. Everything has a default.\n# ${generated}\n\n${blocks.join('\n\n')}\n`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function configurationPage(): string {
  const rows = Object.entries(settings).map(([name, setting]) => [
    `\`${name}\``,
    setting.default,
    `${setting.doc}${'secret' in setting && setting.secret ? ' *Secret.*' : ''}`,
    setting.expects,
  ]);
  return page(
    'Configuration',
    'Settings come from the environment, or from a file named `.env` beside `package.json`. Every wrong one is named at start, with what would be right.',
    markdownTable(['setting', 'default', 'what it is for', 'expects'], rows),
  );
}

function apiPage(document: OpenApiDocument): string {
  const groups = Map.groupBy(routesOf(document), (route) => route.tag);
  const sections = [...groups]
    .toSorted(([left], [right]) => left.localeCompare(right))
    .map(
      ([tag, routes]) =>
        `## ${tag}\n\n${markdownTable(
          ['route', 'permission', 'what it does'],
          routes.map(({ method, path, permission, stepUp, summary }) => [
            `\`${method} ${path}\``,
            stepUp ? `${permission}, step-up` : permission,
            summary,
          ]),
        )}`,
    );
  return page(
    'API',
    'Bodies and answers are in [openapi.json](openapi.json), and to read and try at `/api/docs`. `public` needs no sign-in, `signed-in` any.',
    sections.join('\n\n'),
  );
}

function eventsPage(): string {
  const rows = modules.flatMap((module) =>
    (module.events ?? []).map((event) => [
      `\`${event.type}\``,
      module.name,
      event.doc,
      fieldsOf(event.payload),
    ]),
  );
  return page(
    'Events',
    'Facts of a workspace, in the order in which they were committed. They carry ids, states and figures, never content.',
    markdownTable(['event', 'module', 'what happened', 'payload'], rows),
  );
}

function auditPage(): string {
  const rows = modules.flatMap((module) =>
    (module.events ?? []).flatMap(({ type, doc, audit, payload }) =>
      audit
        ? [
            [
              `\`${type}\``,
              module.name,
              doc,
              fieldsOf(payload),
              // A rule that reads nothing of what happened is always true.
              audit.alerts ? (audit.alerts.length === 0 ? 'always' : 'in some cases') : '',
            ],
          ]
        : [],
    ),
  );
  return page(
    'Audit',
    'What is an entry of the audit, with what it tells, and which entries alert owners and admins. What the audit is: [the guide](../guides/audit.md).',
    markdownTable(['action', 'module', 'what happened', 'details', 'alert'], rows),
  );
}

function jobsPage(): string {
  const rows = modules.flatMap((module) =>
    (module.jobs ?? []).map(({ job }) => {
      const schedules = modules
        .flatMap((candidate) => candidate.schedules ?? [])
        .filter((schedule) => schedule.job.name === job.name)
        .map((schedule) => `\`${schedule.cron}\` (UTC)`);
      return [`\`${job.name}\``, module.name, job.effect, job.doc, fieldsOf(job.input), schedules.join(', ')];
    }),
  );
  return page(
    'Jobs',
    'A `database` job writes to the database only, in the transaction that records its completion; an `external` one calls outside; a `system` one belongs to no single workspace.',
    markdownTable(['job', 'module', 'effect', 'what it does', 'input', 'schedule'], rows),
  );
}

const jsonObject = z.object({
  properties: z
    .record(z.string(), z.object({ type: z.union([z.string(), z.array(z.string())]).optional() }))
    .default({}),
});
const jsonUnion = z.object({ anyOf: z.array(jsonObject) });

function fieldsOf(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const parsed = jsonUnion.or(jsonObject.transform((one) => ({ anyOf: [one] }))).safeParse(json);
  const alternatives = parsed.data?.anyOf ?? [];
  return alternatives
    .map(({ properties }) =>
      Object.keys(properties)
        .map((name) => `\`${name}\``)
        .join(', '),
    )
    .join(' or ');
}

function permissionsPage(document: OpenApiDocument): string {
  const routes = routesOf(document);
  const rows = (Object.entries(permissions) as [Permission, string][]).map(([name, what]) => [
    `\`${name}\``,
    areaOf(name),
    ownersOnly.has(name) ? `${what} (owners only)` : what,
    routes
      .filter((route) => route.permission === name)
      .map((route) => `\`${route.method} ${route.path}\``)
      .join('<br>'),
  ]);
  return page(
    'Permissions',
    'What a member or an API key may do follows from its role, one of the four that come with Parley or one of the workspace’s own; every route names the one permission that it needs. No own role is given what is for owners only, and of keys only one that the operator makes (`parley key create --role owner`).',
    markdownTable(['permission', 'area', 'allows', 'routes'], rows),
  );
}

function metricsPage(metrics: readonly MetricDescription[]): string {
  const rows = metrics
    .toSorted((left, right) => left.name.localeCompare(right.name))
    .map(({ name, kind, labels, help }) => [
      `\`${name}\``,
      kind,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
  return page(
    'Metrics',
    'In the format of Prometheus at `/metrics`, beside the usual figures of the process (`process_…`, `nodejs_…`).',
    markdownTable(['metric', 'kind', 'labels', 'what it counts'], rows),
  );
}

function page(title: string, introduction: string, body: string): string {
  return `# ${title}\n\n<!-- ${generated} -->\n\n${introduction}\n\n${body}\n`;
}

function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The pages that are not as the code says, by their paths. */
export async function findDrift(pages: ReadonlyMap<string, string>, folder: string): Promise<string[]> {
  const drifted: string[] = [];
  for (const [path, text] of pages) {
    const found = await readFile(join(folder, path), 'utf8').catch(() => null);
    if (found !== text) drifted.push(path);
  }
  return drifted;
}

export async function writeReference(pages: ReadonlyMap<string, string>, folder: string): Promise<void> {
  for (const [path, text] of pages) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const pages = await buildReference();
  const drifted = await findDrift(pages, root);
  if (values.check) {
    for (const path of drifted) console.log(`${path} is not in step with the code: npm run reference`);
    return drifted.length === 0 ? 0 : 1;
  }
  await writeReference(pages, root);
  console.log(drifted.length === 0 ? 'The reference was in step.' : `Written: ${drifted.join(', ')}`);
  return 0;
}

if (process.argv[1] && relative(import.meta.filename, process.argv[1]) === '') process.exit(await main());
