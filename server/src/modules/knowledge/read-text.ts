// Reads a file that is no training data: somebody shows it, and it is not kept here.
import type { TrainingDataError } from '@parley/contract/training-data';
import type { Context } from '../../core/context.ts';
import { recognise } from './file-kinds.ts';
import { readInProcess } from './reading/process.ts';
import { knowledgeRuntime } from './runtime.ts';

export interface GivenFile {
  readonly bytes: Buffer;
  readonly name: string;
  /** As somebody says; it settles little. */
  readonly contentType: string;
}

export async function readText(
  ctx: Context,
  { bytes, name, contentType }: GivenFile,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly error: TrainingDataError | null }> {
  const recognised = await recognise(bytes, name, contentType);
  if (!recognised)
    return { text: '', error: { code: 'unreadable', message: 'Files of this kind cannot be read.' } };
  const { limits, inTurn } = ctx.use(knowledgeRuntime);
  const document = { bytes, ...recognised, charset: '' };
  const { parts, error } = await inTurn(() =>
    readInProcess(document, { limits, signal, onProgress: () => undefined }),
  );
  const text = parts
    .map((part) => ('text' in part ? part.text : `${part.question}\n${part.answer}`))
    .join('\n\n');
  return { text, error };
}
