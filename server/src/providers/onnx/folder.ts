// What stands in a model's folder, laid out as on Hugging Face, and whether Parley can use it. Reads, and runs nothing.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';

export interface OnnxModel {
  /** Below the directory of models. */
  readonly folder: string;
  /** The folder, and what tells its files from those that stood there before: `bge-small@1f0c9d3e5a7b`. */
  readonly version: string;
  /** Which of its files runs, in the words of transformers.js. */
  readonly dtype: 'q8' | 'fp32';
  /** What it says of a text, as Parley calls it; null: nothing that Parley has a name for. Empty where it classifies nothing. */
  readonly labels: Readonly<Record<string, string | null>>;
  readonly settings: OnnxSettings;
}

/** Why a model cannot be used, in a sentence, and what to do about it. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';
  readonly mend: string;
  constructor(message: string, mend: string, options?: ErrorOptions) {
    super(message, options);
    this.mend = mend;
  }
}

/** parley.json: what the files of Hugging Face do not say. */
const settingsShape = z.strictObject({
  /** Other names for the model's labels. */
  labels: z.record(z.string(), z.string().nullable()).default({}),
  /** In which of Parley's languages it reads; none: in all. */
  languages: z.array(z.enum(['en', 'es', 'pt'])).default([]),
  /** An intent that is less probable is none. */
  threshold: z.number().min(0).max(1).default(0.5),
  /** How the vectors of a text's words become one. */
  pooling: z.enum(['mean', 'cls']).default('mean'),
  /** What stands before texts that are searched for, and in. */
  queryPrefix: z.string().max(200).default(''),
  passagePrefix: z.string().max(200).default(''),
});
export type OnnxSettings = z.infer<typeof settingsShape>;

const configShape = z.object({
  id2label: z.record(z.string(), z.string()).default({}),
  problem_type: z.string().nullish(),
});

/** The smaller and quicker one where both are there. */
const weights = [
  { file: 'onnx/model_quantized.onnx', dtype: 'q8' },
  { file: 'onnx/model.onnx', dtype: 'fp32' },
] as const;

/** @throws OnnxError */
export async function readModelFolder(directory: string, folder: string): Promise<OnnxModel> {
  const path = await findFolder(directory, folder);
  const config = await readJson(path, 'config.json', configShape);
  const settings = (await isFile(join(path, 'parley.json')))
    ? await readJson(path, 'parley.json', settingsShape)
    : settingsShape.parse({});
  await readJson(path, 'tokenizer.json', z.looseObject({}));
  const found = await firstOf(path);
  if (!found) {
    throw new OnnxError(
      `There is neither onnx/model_quantized.onnx nor onnx/model.onnx in the folder ${folder}.`,
      'Put the model there in the format ONNX.',
    );
  }
  const own = Object.values(config.id2label);
  // Each of its labels has a probability of its own, and all of them together may have more than 1.
  if (config.problem_type === 'multi_label_classification') {
    throw new OnnxError(
      `The model ${folder} says several labels of a text at once (problem_type in its config.json: multi_label_classification).`,
      'Take one that says a single label.',
    );
  }
  const strange = Object.keys(settings.labels).filter((label) => !own.includes(label));
  if (strange.length > 0) {
    throw new OnnxError(
      `The file parley.json of ${folder} names labels that its config.json does not have: ${strange.join(', ')}.`,
      `Its labels are ${own.join(', ')}.`,
    );
  }
  const labels = own.map((label) => [label, label in settings.labels ? settings.labels[label] : label]);
  return {
    folder,
    version: `${folder}@${await digest(path, found.file)}`,
    dtype: found.dtype,
    labels: Object.fromEntries(labels),
    settings,
  };
}

/** @throws OnnxError for what is not there, or lies elsewhere */
async function findFolder(directory: string, folder: string): Promise<string> {
  const root = await realpath(directory).catch((error: unknown) => {
    throw new OnnxError(
      `The directory of models, ${directory}, cannot be read.`,
      'Make it, or name another one in ONNX_MODELS_DIR.',
      { cause: error },
    );
  });
  const path = await realpath(join(root, folder)).catch(() => null);
  const isInside = path?.startsWith(root.endsWith(sep) ? root : root + sep);
  if (path && isInside && (await stat(path)).isDirectory()) return path;
  throw new OnnxError(
    isInside === false
      ? `The folder ${folder} leads out of the directory of models.`
      : `There is no folder ${folder} in the directory of models, ${directory}.`,
    'Put the model itself there, and its name into the setting.',
  );
}

async function firstOf(path: string) {
  for (const one of weights) if (await isFile(join(path, one.file))) return one;
  return null;
}

const isFile = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

async function readJson<Shape extends z.ZodType>(
  path: string,
  file: string,
  shape: Shape,
): Promise<z.infer<Shape>> {
  const read = await readFile(join(path, file), 'utf8')
    .then((text) => shape.safeParse(JSON.parse(text)))
    .catch(() => null);
  if (read?.success) return read.data;
  const wrong = read?.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; ');
  throw new OnnxError(
    `The file ${file} in ${path} ${wrong ? `is wrong: ${wrong}.` : 'cannot be read.'}`,
    file === 'parley.json'
      ? 'See docs/guides/onnx-models.md.'
      : 'Fetch the model again, with all of its files.',
  );
}

/** Of all that decides what the model says. */
async function digest(path: string, file: string): Promise<string> {
  const hash = createHash('sha256');
  const external = `${file}_data`;
  for (const name of ['config.json', 'tokenizer.json', 'parley.json', file, external]) {
    if (!(await isFile(join(path, name)))) continue;
    hash.update(`${name}\n`);
    try {
      for await (const chunk of createReadStream(join(path, name))) hash.update(chunk as Buffer);
    } catch (error) {
      throw new OnnxError(
        `The file ${name} in ${path} cannot be read.`,
        "Let Parley's user read it, or fetch the model again.",
        { cause: error },
      );
    }
  }
  return hash.digest('hex').slice(0, 12);
}
