// Asks the model that is part of Parley.
import type { LanguageModelV4Message } from '@ai-sdk/provider';
import type { ModelReason } from '@parley/contract/runs';
import type { Context } from '../../core/context.ts';
import type { GenerateRequest } from './request.ts';
import { builtInName } from './routing-settings.ts';
import { inferenceRuntime } from './runtime.ts';
import type { ToolExchange } from './tool-calls.ts';

// Not through the AI SDK's generateText: its timers, retries and tools take longer than this model does.
export async function askBuiltIn(
  ctx: Context,
  { prompt, signal, tools = [], exchanges = [], mustAnswer }: GenerateRequest,
  reason: 'preferred' | 'fallback',
) {
  signal.throwIfAborted();
  const started = performance.now();
  const { builtIn, seconds } = ctx.use(inferenceRuntime);
  const { content, usage } = await builtIn.doGenerate({
    prompt: [
      { role: 'system', content: prompt.instructions },
      ...prompt.messages.map(({ role, content: text }) => ({
        role,
        content: [{ type: 'text' as const, text }],
      })),
      ...exchanges.flatMap(toBuiltInPrompt),
    ],
    tools: tools.map(({ name, description, parameters }) => ({
      type: 'function',
      name,
      description,
      inputSchema: parameters,
    })),
    toolChoice: { type: mustAnswer ? 'none' : 'auto' },
  });
  const durationMs = performance.now() - started;
  seconds.observe({ kind: 'built_in', outcome: 'answered' }, durationMs / 1000);
  return {
    text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    calls: content.flatMap((part) =>
      part.type === 'tool-call' ? [{ id: part.toolCallId, name: part.toolName, input: part.input }] : [],
    ),
    inputTokens: usage.inputTokens.total ?? 0,
    outputTokens: usage.outputTokens.total ?? 0,
    reason: {
      modelId: null,
      model: builtInName,
      decision: 'answered',
      reason,
      step: 'order',
      durationMs: Math.round(durationMs),
    } satisfies ModelReason,
  };
}

function toBuiltInPrompt({ calls, results }: ToolExchange): LanguageModelV4Message[] {
  return [
    {
      role: 'assistant',
      content: calls.map(({ id, name, input }) => ({
        type: 'tool-call',
        toolCallId: id,
        toolName: name,
        input,
      })),
    },
    {
      role: 'tool',
      content: calls.map(({ id, name }) => ({
        type: 'tool-result',
        toolCallId: id,
        toolName: name,
        output: { type: 'text', value: results.get(id) ?? '' },
      })),
    },
  ];
}
