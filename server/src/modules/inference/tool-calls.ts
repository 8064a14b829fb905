// Tools on the wire of chat completions: what a model may call, what it called, and what it was told of that. Pure.
import { z } from 'zod';
import type { Delta } from './asking.ts';

export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** As the model wrote it: JSON, if it keeps to the form. */
  readonly input: string;
}

/** A turn in which a model called tools. */
export interface ToolExchange {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** What it is told, by the calls' ids: data, quoted. */
  readonly results: ReadonlyMap<string, string>;
}

export function toWire(tools: readonly OfferedTool[]): object[] {
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, description, parameters },
  }));
}

export function exchangeMessages(exchanges: readonly ToolExchange[]): object[] {
  return exchanges.flatMap(({ text, calls, results }) => [
    {
      role: 'assistant',
      content: text === '' ? null : text,
      tool_calls: calls.map(({ id, name, input }) => ({
        id,
        type: 'function',
        function: { name, arguments: isJson(input) ? input : '{}' },
      })),
    },
    ...calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: results.get(id) ?? '' })),
  ]);
}

/** Endpoints refuse a history with anything else. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const callPieces = z.array(
  z.looseObject({
    index: z.number().int().min(0).max(127).optional(),
    id: z.string().nullish(),
    function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
  }),
);

/** Joins the pieces in which the calls of one answer come. What is no call is nothing. */
export class CallCollector {
  readonly #calls: { id: string; name: string; input: string }[] = [];

  take(other: Delta['other']): void {
    const read = callPieces.safeParse(other?.tool_calls ?? []);
    for (const [place, piece] of (read.data ?? []).entries()) {
      const at = piece.index ?? place;
      this.#calls[at] ??= { id: '', name: '', input: '' };
      const call = this.#calls[at];
      call.id = piece.id || call.id;
      call.name += piece.function?.name ?? '';
      call.input += piece.function?.arguments ?? '';
    }
  }

  /** Another model begins anew. */
  forget(): void {
    this.#calls.length = 0;
  }

  /** Ids are those of the model, unless it gave none or one twice. */
  calls(): ToolCall[] {
    const ids = new Set<string>();
    return this.#calls
      .filter(({ name }) => name !== '')
      .map((call, at) => {
        const id = call.id === '' || ids.has(call.id) ? `call_${at + 1}` : call.id;
        ids.add(id);
        return { ...call, id };
      });
  }
}
