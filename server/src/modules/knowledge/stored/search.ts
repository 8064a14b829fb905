// Answers a question from the stored index: which passages hold its words is read from few lists, the best of them are
// opened, and ranked as they would be among all.
import type { Language } from '@parley/contract/common';
import type { KnowledgeChange } from '@parley/contract/shadow-runs';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { inverseFrequency } from '../field.ts';
import { headingKeys } from '../keys.ts';
import type { KnownPassage } from '../knowledge-index.ts';
import { isUsed } from '../live.ts';
import { buildPassageIndex, questionLengthMax, type RankedPassage, rankPassages } from '../ranking.ts';
import { lettingOthersIn } from '../turns.ts';
import { fuse } from '../vectors/fuse.ts';
import type { QuestionVector } from '../vectors/load.ts';
import { findNearest, type Nearest } from '../vectors/nearest.ts';
import { foundByVectorMax } from '../vectors/rank-in-memory.ts';
import { openOrigin, titleOf } from '../view.ts';
import { fold, wordsOf } from '../words.ts';
import type { StoredKnowledge } from './head.ts';
import { eachPosting, fromImpact, Scores } from './postings.ts';
import { passagePlace, storedPassage } from './stored-passage.ts';
import { type AskedTerms, askedTermsOf, type TermKind } from './terms.ts';

/** Passages that are opened for a question. */
const openedMax = 48 + foundByVectorMax;
/** Of a document that was just changed, what it was before is among the best too: so many are looked at for those that are left. */
const lookedAtMax = 200;
/** Postings that are read for a question, those of the rarest terms first. */
const postingsMax = 150_000;
/** A word that stands in fewer passages may be meant otherwise: what is written like it is looked for too. */
const rareMax = 3;
/** Of a word's 4-grams, those that stand in more passages than this share tell too little. */
const gramShareMax = 0.1;
const frequenciesMax = 50_000;

/** The passages that share anything with the question, best first. @throws CryptoError */
export async function searchStored(
  ctx: Context,
  knowledge: StoredKnowledge,
  question: string,
  limit: number,
  vector?: QuestionVector,
): Promise<RankedPassage<KnownPassage>[]> {
  const nearest = vector ? await findPlaces(vector) : [];
  const asked = askedTermsOf(wordsOf(fold(question.slice(0, questionLengthMax))));
  return ctx.transaction(async (tx) => {
    const [terms, grams] = [
      await frequenciesOf(tx, knowledge, 'term', asked.terms.keys()),
      await frequenciesOf(tx, knowledge, 'gram', asked.grams),
    ];
    const numbers = await findCandidates(tx, chooseLists(knowledge, asked, terms, grams), knowledge.unused);
    const found = await numbersAt(tx, nearest, knowledge.unused);
    const passages = await openPassages(tx, [...new Set([...found, ...numbers])], knowledge.change);
    const headingTerms = passages.flatMap(({ heading }) =>
      headingKeys(wordsOf(fold(heading ?? ''))).filter((key) => !key.startsWith('#')),
    );
    for (const [term, count] of await frequenciesOf(tx, knowledge, 'term', headingTerms))
      terms.set(term, count);
    const [ofTerms, ofGrams, ofHeadingTerms, ofHeadingGrams] = knowledge.lengthMeans;
    const field = (counts: ReadonlyMap<string, number>, lengthMean: number) => ({
      all: Math.max(1, knowledge.passages),
      lengthMean,
      counts,
    });
    const index = buildPassageIndex(passages, {
      terms: field(terms, ofTerms),
      grams: field(grams, ofGrams),
      // How rare something is in headings alone is not kept: in whole passages is near enough.
      headingTerms: field(terms, ofHeadingTerms),
      headingGrams: field(grams, ofHeadingGrams),
    });
    const evidence = new Map(nearest.map((one) => [`${one.of.documentId}:${one.of.id}`, one.evidence]));
    const evidenceFor = ({ documentId, id }: KnownPassage) => evidence.get(`${documentId}:${id}`) ?? 0;
    const also = passages.flatMap((passage, at) => (evidenceFor(passage) > 0 ? [at] : []));
    const ranked = rankPassages(index, question, limit, also);
    return vector ? fuse(ranked, evidenceFor).slice(0, limit) : ranked;
  });
}

interface PassagePlace {
  readonly documentId: string;
  readonly id: string;
  readonly place: number;
}

function findPlaces({ vector, vectors }: QuestionVector): Promise<Nearest<PassagePlace>[]> {
  const steps = findNearest(vector, vectors.blocks.values(), (block, at): PassagePlace | null => {
    const passage = block.passages[at];
    return passage ? { documentId: block.documentId, ...passage } : null;
  });
  return lettingOthersIn(steps);
}

// Passages of a document are numbered in their order.
const readNumbers = {
  name: 'knowledge_passages_at',
  text: `select p.number from (
      select number, document_id, row_number() over (partition by document_id order by number) - 1 as place
      from knowledge_passages where workspace_id = $1 and document_id = any($2::uuid[])
    ) p join unnest($2::uuid[], $3::int[]) with ordinality as f(document_id, place, rank)
      on f.document_id = p.document_id and f.place = p.place
    order by f.rank`,
};

/** The numbers of the nearest that are answered from. */
async function numbersAt(
  tx: TransactionContext,
  nearest: readonly Nearest<PassagePlace>[],
  unused: ReadonlySet<number>,
): Promise<number[]> {
  if (nearest.length === 0) return [];
  const places = nearest.map(({ of }) => of);
  const rows = await tx.sql<{ number: number }>(readNumbers, [
    tx.workspaceId,
    places.map(({ documentId }) => documentId),
    places.map(({ place }) => place),
  ]);
  const numbers = rows.map(({ number }) => number).filter((number) => !unused.has(number));
  return numbers.slice(0, foundByVectorMax);
}

/** In how many passages each of them stands, without those that stand in none. */
async function frequenciesOf(
  tx: TransactionContext,
  { hasher, frequencies }: StoredKnowledge,
  kind: TermKind,
  keys: Iterable<string>,
): Promise<Map<string, number>> {
  const hashes = new Map([...new Set(keys)].map((key) => [key, hasher.hash(kind, key)]));
  const unknown = [...hashes.values()].filter((hash) => !frequencies.has(hash));
  if (unknown.length > 0) {
    const rows = await tx.sql<{ term: string; count: number }>(countPostings, [tx.workspaceId, unknown]);
    if (frequencies.size + unknown.length > frequenciesMax) frequencies.clear();
    for (const hash of unknown) frequencies.set(hash, 0);
    for (const { term, count } of rows) frequencies.set(term, count);
  }
  return new Map(
    [...hashes].flatMap(([key, hash]) => {
      const count = frequencies.get(hash) ?? 0;
      return count > 0 ? [[key, count] as const] : [];
    }),
  );
}

const countPostings = {
  name: 'knowledge_postings_count',
  text: `select term::text as term, sum(count)::int as count from knowledge_postings
    where workspace_id = $1 and term = any($2::bigint[]) group by knowledge_postings.term`,
};

/** By the hash of a term: what a passage that holds it is worth for it. */
type Lists = ReadonlyMap<string, number>;

function chooseLists(
  { hasher, passages }: StoredKnowledge,
  { terms, gramsOfTerm }: AskedTerms,
  termCounts: ReadonlyMap<string, number>,
  gramCounts: ReadonlyMap<string, number>,
): Lists {
  const worth = (count: number) => inverseFrequency(count, Math.max(passages, count));
  const candidates = [...termCounts].map(([term, count]) => ({
    hash: hasher.hash('term', term),
    count,
    worth: worth(count) * (terms.get(term) ?? 0),
  }));
  for (const [term, grams] of gramsOfTerm) {
    if ((termCounts.get(term) ?? 0) >= rareMax) continue;
    for (const gram of grams) {
      const count = gramCounts.get(gram) ?? 0;
      if (count === 0 || count > passages * gramShareMax) continue;
      candidates.push({ hash: hasher.hash('gram', gram), count, worth: worth(count) / grams.length });
    }
  }
  candidates.sort((left, right) => left.count - right.count);
  const chosen = new Map<string, number>();
  let postings = 0;
  for (const { hash, count, worth: each } of candidates) {
    if (chosen.size > 0 && postings + count > postingsMax) break;
    if (!chosen.has(hash)) postings += count;
    chosen.set(hash, (chosen.get(hash) ?? 0) + each);
  }
  return chosen;
}

const readPostings = {
  name: 'knowledge_postings_read',
  text: `select term::text as term, segment, postings from knowledge_postings
    where workspace_id = $1 and term = any($2::bigint[])`,
};

async function findCandidates(
  tx: TransactionContext,
  lists: Lists,
  unused: ReadonlySet<number>,
): Promise<number[]> {
  if (lists.size === 0) return [];
  const rows = await tx.sql<{ term: string; segment: number; postings: Uint8Array }>(readPostings, [
    tx.workspaceId,
    [...lists.keys()],
  ]);
  const scores = new Scores();
  for (const { term, segment, postings } of rows) {
    const worth = lists.get(term) ?? 0;
    eachPosting(postings, segment, (number, impact) => {
      if (!unused.has(number)) scores.add(number, worth * fromImpact(impact));
    });
  }
  return scores.best(lookedAtMax);
}

interface PassageRow {
  number: number;
  language: Language;
  content: Uint8Array;
  document_id: string;
  data_id: string;
  version: number;
  title: string | null;
  origin: Uint8Array | null;
}

const readPassages = {
  name: 'knowledge_passages_read',
  // By number first: the planner may think that it is quicker to go through the passages of all documents.
  text: `with stored as materialized (
      select number, document_id from knowledge_passages where workspace_id = $1 and number = any($2::int[])
    ), found as materialized (
      select stored.number, d.training_data_id from stored join training_documents d on d.id = stored.document_id
      join training_data on training_data.id = d.training_data_id
      where d.state = 'ready' and d.indexed_version = d.version and ${isUsed(3)}
      order by array_position($2::int[], stored.number) limit ${openedMax}
    )
    select p.number, p.language, p.content, p.document_id, t.id as data_id, t.version, t.title, t.origin
    from found
    join knowledge_passages p on p.workspace_id = $1 and p.number = found.number
    join training_data t on t.id = found.training_data_id
    order by p.number`,
};

/** The first of them that are still to be found. @param numbers best first */
async function openPassages(
  tx: TransactionContext,
  numbers: readonly number[],
  change: KnowledgeChange,
): Promise<KnownPassage[]> {
  if (numbers.length === 0) return [];
  const rows = await tx.sql<PassageRow>(readPassages, [tx.workspaceId, numbers, change.with, change.without]);
  const titles = new Map<string, string>();
  return rows.map((row) => {
    const title =
      titles.get(row.data_id) ?? titleOf(row.title, openOrigin(tx, { id: row.data_id, origin: row.origin }));
    titles.set(row.data_id, title);
    const content = tx.openText(row.content, passagePlace(tx.workspaceId, row.number));
    return {
      ...storedPassage.parse(JSON.parse(content)),
      language: row.language,
      textId: row.data_id,
      documentId: row.document_id,
      version: row.version,
      title,
    };
  });
}
