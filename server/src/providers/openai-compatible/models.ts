// Every endpoint that speaks OpenAI's chat completions (OpenAI, Groq, Ollama, llama.cpp, …), as AI SDK language models.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { Egress } from '../../core/egress.ts';

/** OpenAI itself refuses the older name of the limit for its newer models; others know only that one. */
const newerLimitHosts = new Set(['api.openai.com', 'api.groq.com']);

/** Opens models whose calls leave by the guarded way out. */
export function createOpenAiCompatibleModels(egress: Egress) {
  return {
    open(endpoint: { baseUrl: string; model: string; apiKey: string | null }): LanguageModelV4 {
      const { hostname } = new URL(endpoint.baseUrl);
      return createOpenAICompatible({
        name: 'openai-compatible',
        baseURL: endpoint.baseUrl,
        fetch: egress.fetch,
        ...(endpoint.apiKey === null ? {} : { apiKey: endpoint.apiKey }),
        ...(newerLimitHosts.has(hostname) ? { transformRequestBody: withNewerLimit } : {}),
      })(endpoint.model);
    },
  };
}

function withNewerLimit({ max_tokens: limit, ...body }: Record<string, unknown>): Record<string, unknown> {
  return limit === undefined ? body : { ...body, max_completion_tokens: limit };
}
