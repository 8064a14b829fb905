// A tool that calls an address of the workspace's choice, through the guarded client. The model gives values, never the
// address; secrets stand in headers that it never sees, and are taken out of what comes back.
import { type HttpToolInput, templateValues } from '@parley/contract/tools';
import { z } from 'zod';
import { EgressError, type EgressResponse } from '../../../core/egress.ts';
import { conflict, externalFailed, validationError } from '../../../core/errors.ts';
import { readConversation } from '../../conversations/conversations.ts';
import { assistantRuntime } from '../settings.ts';
import type { httpTools } from '../tables.ts';
import { withoutPatterns } from './schema-patterns.ts';
import { openHeaders, redact } from './secret-headers.ts';
import { outcomeUnknown, readInput, type Tool, type ToolUse } from './tool.ts';

type Row = typeof httpTools.$inferSelect;
export type HttpCall = Pick<Row, 'method' | 'url' | 'input'>;

const timeoutMs = 10_000;
const bytesMax = 256 * 1024;

export const headersPlace = (toolId: string) => `http_tools.headers:${toolId}`;

export function toHttpTool(row: Row): Tool {
  const shape = shapeOf(row.input);
  const meantFor = /\{(?:contact|conversation)\./.test(row.url)
    ? (['contact'] as const)
    : (['contact', 'member'] as const);
  return {
    name: row.name,
    description: row.description,
    parameters: row.input,
    origin: 'http',
    originId: row.id,
    permission: 'messages:send',
    meantFor,
    // Nobody, until the workspace has said whom.
    audiences: [],
    alwaysConfirmed: false,
    confirmation: true,
    changes: row.method !== 'GET',
    othersWords: true,
    outside: true,
    read: (given) => readInput(shape, given),
    run: async (use, input) => {
      const headers = await openHeaders(use.ctx, row.headers, headersPlace(row.id));
      return callHttp(use, row, headers, input as Readonly<Record<string, unknown>>);
    },
  };
}

/** @throws Error for what Zod cannot read */
const shapeOf = (input: Row['input']) =>
  z.fromJSONSchema(withoutPatterns(input) as Parameters<typeof z.fromJSONSchema>[0]);

/** @throws ParleyError */
export async function callHttp(
  use: ToolUse,
  call: HttpCall,
  headers: Readonly<Record<string, string>>,
  input: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { url, rest } = fill(call, { ...(await ownValues(use, call.url)), ...named('input', input) }, input);
  const changes = call.method !== 'GET';
  const hasBody = changes && call.method !== 'DELETE';
  if (!hasBody) for (const [name, value] of Object.entries(rest)) url.searchParams.set(name, asText(value));
  const answer = await use.ctx
    .use(assistantRuntime)
    .egress.request({
      url: url.href,
      method: call.method,
      headers: {
        accept: 'application/json, text/*',
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...(changes ? { 'idempotency-key': use.stepId } : {}),
        ...headers,
      },
      ...(hasBody ? { body: JSON.stringify(rest) } : {}),
      timeoutMs,
      bytesMax,
      signal: use.signal,
    })
    .catch((error: unknown) => {
      throw error instanceof EgressError ? failureOf(error, changes) : error;
    });
  return redact(describe(answer), headers);
}

function failureOf(error: EgressError, changes: boolean) {
  if (error.failure === 'forbidden') return conflict('address_forbidden', 'This address may not be called.');
  if (changes && error.failure !== 'not_sent') return outcomeUnknown(error);
  if (error.failure === 'too_large') return externalFailed('The answer was too long.', error);
  return externalFailed('The address did not answer.', error);
}

function describe({ status, headers, body }: EgressResponse): string {
  const type = headers['content-type'] ?? '';
  const isText = type === '' || /^text\/|json|xml/.test(type);
  const text = isText ? body.toString('utf8').toWellFormed().replaceAll('\0', '') : '(this is no text)';
  return `status: ${status}\n\n${text}`;
}

const named = (prefix: string, values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, asText(value)]));

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Of whoever is answered: what a model says of them counts for nothing. */
async function ownValues({ ctx, audience }: ToolUse, template: string): Promise<Record<string, string>> {
  if (audience.kind !== 'contact' || !/\{(?:contact|conversation)\./.test(template)) return {};
  const { id, contact } = await ctx.transaction((tx) => readConversation(tx, audience.conversationId));
  return { 'contact.id': contact.id, 'contact.address': contact.address, 'conversation.id': id };
}

/**
 * The address, and what of the input does not stand in it. Pure. Every value is one part of a path or query.
 * @throws ParleyError `sms.validation_error`
 */
export function fill(
  call: HttpCall,
  values: Readonly<Record<string, string>>,
  input: Readonly<Record<string, unknown>>,
): { url: URL; rest: Record<string, unknown> } {
  const used = new Set<string>();
  const address = call.url.replace(templateValues, (_, name: string) => {
    const value = values[name];
    // A dot alone would be a step up the path.
    if (value === undefined || value === '' || /^\.+$/.test(value))
      throw validationError(`The call needs a value for ${name}.`);
    used.add(name);
    return encodeURIComponent(value);
  });
  const declared = Object.keys(call.input.properties ?? {});
  const rest = declared.filter((name) => !used.has(`input.${name}`) && input[name] !== undefined);
  return { url: new URL(address), rest: Object.fromEntries(rest.map((name) => [name, input[name]])) };
}

/** What a member wrote must make a tool. @throws ParleyError `sms.validation_error` */
export function checkHttpTool({ url, input }: Pick<HttpToolInput, 'url' | 'input'>): void {
  const problem = problemOfUrl(url, Object.keys(input.properties ?? {}));
  if (problem)
    throw validationError('This address cannot be called.', [{ path: 'body.url', message: problem }]);
  try {
    shapeOf(input);
  } catch (error) {
    throw validationError('The input is no JSON Schema that can be checked.', [
      { path: 'body.input', message: error instanceof Error ? error.message : 'cannot be read' },
    ]);
  }
}

function problemOfUrl(template: string, declared: readonly string[]): string | null {
  const blank = template.replace(templateValues, '0');
  if (!URL.canParse(blank)) return 'is no URL';
  const { protocol, username, password, origin, hash } = new URL(blank);
  if (protocol !== 'https:' && protocol !== 'http:') return 'begins with https:// or http://';
  if (username || password) return 'has no credentials: they belong in a header';
  if (hash) return 'has no fragment';
  if (/[{}]/.test(blank)) return 'has braces around something that is no value';
  // What a model says must not decide whom we call.
  const head = /^[a-z]+:\/\/[^/?#]*/i.exec(template)?.[0] ?? '';
  if (/[{}]/.test(head) || new URL(head).origin !== origin) return 'has values in its path or query only';
  const unknown = [...template.matchAll(templateValues)]
    .map(([, name = '']) => name)
    .find((name) => name.startsWith('input.') && !declared.includes(name.slice('input.'.length)));
  return unknown ? `names ${unknown}, which the input does not have` : null;
}
