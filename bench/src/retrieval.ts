// How long a question takes: among 250 passages in memory, and among 100,000 in the database.
import { createApp } from '@parley/server/app';
import { loadConfig } from '@parley/server/core/config';
import { type Context, systemActor } from '@parley/server/core/context';
import { newId } from '@parley/server/core/identifiers';
import { createLogger } from '@parley/server/core/log';
import { collectGarbage } from '@parley/server/core/memory';
import { contentPlace } from '@parley/server/modules/knowledge/documents';
import { passagesOf } from '@parley/server/modules/knowledge/knowledge';
import { buildPassageIndex, rankPassages } from '@parley/server/modules/knowledge/ranking';
import { makeHead } from '@parley/server/modules/knowledge/stored/head';
import { index } from '@parley/server/modules/knowledge/stored/job';
import { storeSome } from '@parley/server/modules/knowledge/stored/store-documents';
import { mergeSegments } from '@parley/server/modules/knowledge/stored/tidy';
import { install } from './installation.ts';
import type { Postgres } from './postgres.ts';
import { type Figure, figure, quantile } from './result.ts';
import { type SyntheticPassage, SyntheticText } from './synthetic-text.ts';

const inMemoryCount = 250;
const storedCount = 100_000;
const passagesOfDocument = 400;
const questionCount = 500;
const rounds = 3;

function inMemory(): Figure[] {
  const text = new SyntheticText(1);
  const passages = Array.from({ length: inMemoryCount }, () => text.passage());
  const ranked = buildPassageIndex(passages);
  const times = Array.from({ length: rounds + 1 }, () => {
    const each = Array.from({ length: questionCount }, (_, at) => {
      const question = text.question(passages[at % inMemoryCount] as SyntheticPassage);
      const since = performance.now();
      rankPassages(ranked, question);
      return 1000 * (performance.now() - since);
    });
    return quantile(each, 0.5);
  });
  // The first round is the compiler's.
  return [
    figure('retrieval-memory', 'µs', `${inMemoryCount} passages in memory: p50, goal 150`, times.slice(1)),
  ];
}

async function seed(ctx: Context, passages: readonly SyntheticPassage[]): Promise<void> {
  for (let from = 0; from < passages.length; from += passagesOfDocument) {
    const id = newId();
    const some = passages.slice(from, from + passagesOfDocument);
    const content = some.map(({ heading, text }) => `## ${heading}\n\n${text}`).join('\n\n');
    await ctx.transaction(async (tx) => {
      await tx.sql(
        `insert into training_data (id, workspace_id, kind, title, state) values ($1, $2, 'text', 'Bench', 'ready')`,
        [id, tx.workspaceId],
      );
      await tx.sql(
        `insert into training_documents (id, workspace_id, training_data_id, content, state, characters, passages)
         values ($1, $2, $1, $3, 'ready', $4, $5)`,
        [id, tx.workspaceId, tx.seal(content, contentPlace(id)), content.length, some.length],
      );
    });
  }
}

const tables = ['knowledge_passages', 'knowledge_postings', 'knowledge_segments', 'knowledge_indexes'];

async function heapMb(): Promise<number> {
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_048_576;
}

async function stored(postgres: Postgres): Promise<Figure[]> {
  const installation = await install(await postgres.database('bench_retrieval'), 'http://127.0.0.1:9');
  const app = await createApp({
    config: loadConfig({ ...installation.environment, PARLEY_ROLE: 'worker' }),
    log: createLogger('error'),
  });
  try {
    const { workspaceId } = installation;
    const ctx = app.kernel.context({ workspaceId, actor: systemActor, requestId: 'bench' });
    const text = new SyntheticText(2);
    const passages = Array.from({ length: storedCount }, () => text.passage());
    await seed(ctx, passages);
    const asked = Array.from({ length: questionCount * (rounds + 1) }, (_, at) => {
      const passage = passages[(at * 7919) % storedCount] as SyntheticPassage;
      return { question: text.question(passage), answer: passage.text };
    });
    passages.length = 0;
    const before = await heapMb();
    const since = performance.now();
    const { signal } = new AbortController();
    await makeHead(ctx);
    while ((await storeSome(ctx, signal)) === 'more') await mergeSegments(ctx, signal);
    await index(ctx, {}, { id: newId(), attempt: 0, isLastAttempt: false, signal });
    const seconds = (performance.now() - since) / 1000;
    await app.kernel.database.asOwner((queries) => queries.sql('analyze'));
    const knowledge = await passagesOf(ctx);
    const measured: { p50: number; p95: number; found: number }[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const each: number[] = [];
      let found = 0;
      for (const { question, answer } of asked.slice(round * questionCount, (round + 1) * questionCount)) {
        const start = performance.now();
        const best = await knowledge.rank(question, 8);
        each.push(performance.now() - start);
        if (best.slice(0, 3).some(({ passage }) => passage.text === answer)) found += 1;
      }
      measured.push({
        p50: quantile(each, 0.5),
        p95: quantile(each, 0.95),
        found: (100 * found) / questionCount,
      });
    }
    const after = await heapMb();
    const sizes = await app.kernel.database.asOwner((queries) =>
      queries.sql<{ name: string; bytes: string }>(
        'select name, pg_total_relation_size(name::regclass)::text as bytes from unnest($1::text[]) as name',
        [tables],
      ),
    );
    const mb = (...names: string[]) =>
      sizes.reduce((sum, { name, bytes }) => sum + (names.includes(name) ? Number(bytes) : 0), 0) / 1_048_576;
    const warm = measured.slice(1);
    const of = `${storedCount} passages on PostgreSQL`;
    return [
      figure(
        'retrieval-stored',
        'ms',
        `${of}: p50, goal 20`,
        warm.map(({ p50 }) => p50),
      ),
      figure(
        'retrieval-stored-p95',
        'ms',
        `${of}: p95`,
        warm.map(({ p95 }) => p95),
      ),
      figure(
        'retrieval-stored-first',
        '%',
        `${of}: the right one among the first three`,
        warm.map(({ found }) => found),
      ),
      figure('retrieval-stored-write', 's', `${of}: to store all of it`, [seconds]),
      figure('retrieval-stored-lists', 'MB', `${of}: lists of terms, with their index`, [
        mb('knowledge_postings'),
      ]),
      figure('retrieval-stored-texts', 'MB', `${of}: passages, sealed`, [mb('knowledge_passages')]),
      figure('retrieval-stored-heap', 'MB', `${of}: what a process holds more than before`, [after - before]),
    ];
  } finally {
    await app.stop();
    installation.close();
  }
}

export async function retrieval(postgres: Postgres): Promise<Figure[]> {
  return [...inMemory(), ...(await stored(postgres))];
}
