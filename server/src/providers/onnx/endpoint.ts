// A model of embeddings in the shape in which models outside are asked for theirs.
import { OnnxError } from './folder.ts';
import type { OpenedModel } from './models.ts';

/** The head of an answer; its body is read in one of two ways, once. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  json(): Promise<unknown>;
  pieces(): AsyncIterable<unknown>;
}

const answer = (status: number, body: unknown): Answer => ({
  status,
  headers: {},
  json: async () => body,
  pieces: async function* () {},
});

export function embeddingEndpoint(model: OpenedModel) {
  return {
    /** It makes vectors, and no words. */
    chat: async () => answer(400, {}),

    /** 503 while it cannot be run. @throws the signal's reason */
    embed: async (
      { input }: Readonly<Record<string, unknown>>,
      signal: AbortSignal,
      kind: 'question' | 'passage',
    ): Promise<Answer> => {
      try {
        const { vectors, tokens } = await model.embed(input as readonly string[], kind, signal);
        const data = vectors.map((vector) => ({ embedding: Array.from(vector) }));
        return answer(200, { data, usage: { prompt_tokens: tokens } });
      } catch (error) {
        if (error instanceof OnnxError) return answer(503, {});
        throw error;
      }
    },
  };
}
