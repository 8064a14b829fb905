// Finds by keyed hashes what may be a hit: ids only, of one workspace by name.
//
// As the system role, because PostgreSQL uses no index on arrays behind the wall of row-level security (their operators are
// not leakproof). Whatever is found here is read behind the wall.
import type { SystemContext } from '../../core/context.ts';
import { Parameters } from './filters.ts';
import type { Question, TermClass, TermHasher } from './search-terms.ts';

export interface Candidate {
  readonly kind: 'message' | 'note' | 'contact';
  readonly refId: string;
  readonly conversationId: string;
  readonly at: string;
}

export interface Asked {
  readonly workspaceId: string;
  readonly question: Question;
  readonly hasher: TermHasher;
  /** What the last page ended with. */
  readonly before: readonly [at: string, refId: string] | null;
  /** How many at most. */
  readonly wanted: number;
}

/** The places of one statement's parameters, and its conditions. */
interface Slots {
  readonly workspace: string;
  readonly wanted: string;
  readonly newest: string;
  readonly terms: string;
  readonly before: (at: string, id: string) => string;
}

interface Source {
  readonly termClass: TermClass;
  /** Looks through the newest ones. */
  readonly byAge: (slots: Slots) => string;
  /** Asks the index of terms: `is not distinct from` and `offset 0` keep the planner from walking by age all the same. */
  readonly byTerms: (slots: Slots) => string;
}

/** So many times what is wanted is looked through first: what every text has is found there sooner than by its hash. */
const newestFactor = 40;

const said: Source = {
  termClass: 'text',
  byAge: ({ workspace, wanted, newest, terms, before }) => `
    select kind, ref_id, conversation_id, at from (
      select * from search_documents
      where workspace_id = ${workspace} and kind <> 'contact' ${before('at', 'ref_id')}
      order by at desc, ref_id desc limit ${newest}
    ) d where ${terms} order by at desc, ref_id desc limit ${wanted}`,
  byTerms: ({ workspace, wanted, terms, before }) => `
    select * from (
      select kind, ref_id, conversation_id, at from search_documents d
      where ${terms} and workspace_id is not distinct from ${workspace} and kind <> 'contact' ${before('at', 'ref_id')}
      offset 0
    ) found order by at desc, ref_id desc limit ${wanted}`,
};

const contacts: Source = {
  termClass: 'contact',
  byAge: ({ workspace, wanted, newest, terms, before }) => `
    select d.kind, d.ref_id, d.conversation_id, c.last_message_at as at from (
      select id, last_message_at from conversations
      where workspace_id = ${workspace} ${before('last_message_at', 'id')}
      order by last_message_at desc, id desc limit ${newest}
    ) c join search_documents d on d.workspace_id = ${workspace} and d.kind = 'contact' and d.ref_id = c.id
    where ${terms} order by c.last_message_at desc, d.ref_id desc limit ${wanted}`,
  byTerms: ({ workspace, wanted, terms, before }) => `
    select found.*, c.last_message_at as at from (
      select kind, ref_id, conversation_id from search_documents d
      where ${terms} and workspace_id is not distinct from ${workspace} and kind = 'contact'
      offset 0
    ) found join conversations c on c.id = found.ref_id
    where true ${before('c.last_message_at', 'c.id')} order by c.last_message_at desc, c.id desc limit ${wanted}`,
};

interface CandidateRow {
  kind: Candidate['kind'];
  ref_id: string;
  conversation_id: string;
  at: Date | string;
}

/** Newest first; a contact is as new as the newest message with them. */
export async function findCandidates(system: SystemContext, asked: Asked): Promise<Candidate[]> {
  const sources = [said, contacts];
  const found = await system.system(async (queries) => {
    queries.last(...planOrdered(true));
    const byAge = await Promise.all(
      sources.map((source) => queries.sql<CandidateRow>(...statement(source, 'byAge', asked))),
    );
    queries.last(...planOrdered(false));
    return Promise.all(
      sources.map((source, index) => {
        const rows = byAge[index] ?? [];
        if (rows.length === asked.wanted) return rows;
        return queries.sql<CandidateRow>(...statement(source, 'byTerms', asked));
      }),
    );
  });
  return found
    .flat()
    .map((row) => ({
      kind: row.kind,
      refId: row.ref_id,
      conversationId: row.conversation_id,
      at: new Date(row.at).toISOString(),
    }))
    .toSorted((a, b) => compare(b.at, a.at) || compare(b.refId, a.refId))
    .slice(0, asked.wanted);
}

/**
 * Whether rows must come out of an index in its order. The planner of a young database thinks that there are few, and
 * would rather sort them all.
 */
const planOrdered = (ordered: boolean): [text: string, values: unknown[]] => [
  `select set_config('enable_bitmapscan', $1, true), set_config('enable_sort', $1, true),
     set_config('enable_material', $1, true)`,
  [ordered ? 'off' : 'on'],
];

function statement(
  source: Source,
  way: 'byAge' | 'byTerms',
  { workspaceId, question: { all, any }, hasher, before, wanted }: Asked,
): [text: string, values: unknown[]] {
  const parameters = new Parameters();
  const array = (terms: readonly string[]) =>
    `${parameters.add(hasher.hash(source.termClass, terms))}::bigint[]`;
  const terms = [
    ...(all.length > 0 ? [`d.terms @> ${array(all)}`] : []),
    ...(any.length > 0 ? [`d.terms && ${array(any)}`] : []),
  ].join(' and ');
  const text = source[way]({
    terms,
    workspace: `${parameters.add(workspaceId)}::uuid`,
    wanted: parameters.add(wanted),
    // A parameter that a statement does not name is one too many.
    newest: way === 'byAge' ? parameters.add(wanted * newestFactor) : '',
    before: (at, id) =>
      before
        ? `and (${at}, ${id}) < (${parameters.add(before[0])}::timestamptz, ${parameters.add(before[1])}::uuid)`
        : '',
  });
  return [text, parameters.values];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
