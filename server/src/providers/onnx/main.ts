// The process that runs models: texts in, probabilities or vectors out, by transformers.js on onnxruntime-node, which computes
// on the thread that asks, and whose crash would take its process along. Loads a model at its first text. Never calls out.
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { cutLong, runTexts, type TextPipeline } from './running.ts';
import type { Answer, Cancelled, Question, Said, Task } from './wire.ts';

interface TransformersJs {
  readonly env: Record<string, unknown>;
  pipeline(task: Task, folder: string, options: object): Promise<TextPipeline>;
}

interface Waiting {
  readonly question: Question;
  readonly results: Answer['results'][number][];
  tokens: number;
}

const [library = '', directory = ''] = process.argv.slice(2);
const { env, pipeline } = (await import(pathToFileURL(library).href)) as TransformersJs;
env.allowRemoteModels = false;
env.useFSCache = false;
env.localModelPath = directory;
env.fetch = () => Promise.reject(new Error('nothing is fetched'));

/** Texts that go through a model together: they are padded to the longest. */
const batchMax = 16;
/** What is left belongs to the process that answers people. */
const threads = Math.max(1, Math.floor(availableParallelism() / 2));

const opened = new Map<string, Promise<TextPipeline>>();
let waiting: Waiting[] = [];
let isWorking = false;

process.on('message', (message: Question | Cancelled) => {
  if ('cancelled' in message) {
    waiting = waiting.filter(({ question }) => question.id !== message.cancelled);
    return;
  }
  waiting.push({ question: message, results: [], tokens: 0 });
  if (!isWorking) void work();
});
process.once('disconnect', () => process.exit(0));

const say = (said: Said) => process.send?.(said);

async function work(): Promise<void> {
  isWorking = true;
  while (waiting.length > 0) {
    const batch = nextBatch();
    try {
      await answer(batch);
    } catch (error) {
      const ids = new Set(batch.map(({ of }) => of.question.id));
      waiting = waiting.filter(({ question }) => !ids.has(question.id));
      for (const id of ids) say({ id, error: error instanceof Error ? error.message : 'unknown' });
    }
    // What has arrived meanwhile may be more urgent.
    await new Promise((resolve) => setImmediate(resolve));
  }
  isWorking = false;
}

interface Part {
  readonly of: Waiting;
  readonly texts: readonly string[];
}

/** What comes next, and as much as may go with it. */
function nextBatch(): Part[] {
  const first = waiting.find(({ question }) => question.urgent) ?? waiting[0];
  const batch: Part[] = [];
  let room = batchMax;
  for (const of of waiting) {
    if (!first || room === 0) break;
    if (keyOf(of.question) !== keyOf(first.question) || of.question.urgent !== first.question.urgent)
      continue;
    const texts = of.question.texts.slice(of.results.length, of.results.length + room);
    room -= texts.length;
    batch.push({ of, texts });
  }
  return batch;
}

async function answer(batch: readonly Part[]): Promise<void> {
  const [first] = batch;
  if (!first) return;
  const { task, pooling } = first.of.question;
  const model = await open(first.of.question);
  const { results, tokens } = await runTexts(
    model,
    { task, pooling },
    batch.flatMap(({ texts }) => texts),
  );
  let at = 0;
  for (const { of, texts } of batch) {
    for (const _ of texts) {
      of.results.push(results[at] ?? {});
      of.tokens += tokens[at] ?? 0;
      at += 1;
    }
    if (of.results.length < of.question.texts.length) continue;
    waiting = waiting.filter((one) => one !== of);
    say({ id: of.question.id, results: of.results, tokens: of.tokens });
  }
}

const keyOf = ({ task, folder, dtype, pooling }: Question) => `${task} ${folder} ${dtype} ${pooling}`;

/** A model that could not be opened is tried again at the next text. */
function open(question: Question): Promise<TextPipeline> {
  const { task, folder, dtype } = question;
  const key = `${task} ${folder}`;
  const known = opened.get(key);
  if (known) return known;
  const opening = pipeline(task, folder, {
    dtype,
    device: 'cpu',
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  }).then(cutLong);
  opened.set(key, opening);
  opening.catch(() => opened.delete(key));
  return opening;
}
