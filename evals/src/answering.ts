// Measures the built-in responder as the app uses it: of the questions that it answers by itself, how many name the right
// passage, and of the questions that its knowledge has no answer to, how many it leaves to a person.
import { supportNeededByDefault } from '../../contract/src/assistant.ts';
import { retrieve } from '../../server/src/modules/assistant/retrieval.ts';
import { createBuiltinModel } from '../../server/src/modules/inference/builtin-model.ts';
import { composePrompt, readAnswer } from '../../server/src/modules/inference/prompt.ts';
import { indexPassages, inMemory, type KnownPassage } from '../../server/src/modules/knowledge/knowledge.ts';
import { buildPassageIndex } from '../../server/src/modules/knowledge/ranking.ts';
import {
  type EvalPassage,
  RETRIEVAL_SETS,
  type RetrievalSet,
  readPassages,
  readQuestions,
  readUnanswerable,
  retrievalSets,
} from './retrieval-sets.ts';
import { BARE, type EvalInput, percent, type Row } from './rows.ts';

const builtIn = createBuiltinModel(indexPassages);
const now = new Date('2026-11-29T12:00:00Z');

/** Which passages an answer names; null: it is left to a person. */
type Responder = (question: string) => Promise<readonly number[] | null>;

export async function run({ dataDirectory, split }: EvalInput): Promise<Row[]> {
  const rows: Row[] = [];
  for (const set of retrievalSets) rows.push(...(await measure(set, dataDirectory, split)));
  return rows;
}

async function measure(set: RetrievalSet, dataDirectory: string, split: string): Promise<Row[]> {
  const passages = readPassages(dataDirectory, set);
  const questions = readQuestions(dataDirectory, set, split);
  const respond = responder(set, passages);
  let answered = 0;
  let right = 0;
  for (const { q, pid } of questions) {
    const named = await respond(q);
    if (named === null) continue;
    answered += 1;
    if (named.includes(pid)) right += 1;
  }
  const row = (metric: string, part: number, count: number): Row => ({
    ...BARE,
    task: 'answering',
    set,
    split,
    metric,
    value: percent(part, count),
    unit: '%',
    count,
  });
  const strangers = readUnanswerable(dataDirectory, set, split);
  return [
    row('right', right, answered),
    row('answered', answered, questions.length),
    row('left-questions', await leftOf(respond, strangers.questions), strangers.questions.length),
    row('left-requests', await leftOf(respond, strangers.requests), strangers.requests.length),
    row('left-near', await leftWithoutAnswers(set, passages, questions), questions.length),
  ];
}

async function leftOf(respond: Responder, questions: readonly string[]): Promise<number> {
  let left = 0;
  for (const question of questions) if ((await respond(question)) === null) left += 1;
  return left;
}

const groups = 20;

/** The hardest: its own questions, put to the passages around the one that answers, a twentieth taken away at a time. */
async function leftWithoutAnswers(
  set: RetrievalSet,
  passages: readonly EvalPassage[],
  questions: readonly { readonly q: string; readonly pid: number }[],
): Promise<number> {
  let left = 0;
  for (let group = 0; group < groups; group += 1) {
    const taken = new Set(passages.filter((_, at) => at % groups === group).map(({ id }) => id));
    const respond = responder(
      set,
      passages.filter(({ id }) => !taken.has(id)),
    );
    for (const { q, pid } of questions) if (taken.has(pid) && (await respond(q)) === null) left += 1;
  }
  return left;
}

function responder(set: RetrievalSet, passages: readonly EvalPassage[]): Responder {
  const { language } = RETRIEVAL_SETS[set];
  const known = passages.map(
    ({ id, heading, text }): KnownPassage => ({
      id: String(id),
      heading,
      text,
      language,
      page: null,
      textId: set,
      documentId: set,
      version: 1,
      title: set,
    }),
  );
  const knowledge = inMemory(buildPassageIndex(known));
  return async (question) => {
    const history = [{ sender: 'contact' as const, text: question }];
    const retrieved = await retrieve(knowledge, { history, question, language }, supportNeededByDefault);
    const { instructions, messages } = composePrompt({
      persona: { name: 'the assistant', instructions: '' },
      ...retrieved,
      history,
      language,
      now,
    });
    const { content } = await builtIn.doGenerate({
      prompt: [
        { role: 'system', content: instructions },
        ...messages.map(({ content: text }) => ({
          role: 'user' as const,
          content: [{ type: 'text' as const, text }],
        })),
      ],
    });
    const answer = readAnswer(content.map((part) => (part.type === 'text' ? part.text : '')).join(''));
    const named = answer.citedPassages.map((citation) =>
      Number(retrieved.passages[Number(citation.slice(1)) - 1]?.id),
    );
    return named.length === 0 ? null : named;
  };
}
