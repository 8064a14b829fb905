// Tools: what the assistant may do besides to write, what it did, and what waits for a member's word.
import { z } from 'zod';
import { id, page, pageQuery, timestamp } from './common.ts';

export const toolStepState = z.enum([
  'begun',
  /** It cannot be undone: a member is to confirm it. */
  'waiting',
  'done',
  /** It was not run: the tool is not there for whoever asks, or what it was called with cannot be. */
  'refused',
  'failed',
]);

/** One call of a tool. What stands in it is content. */
export const toolStep = z.object({
  id,
  tool: z.string(),
  state: toolStepState,
  /** What it was called with, as JSON. */
  input: z.string(),
  /** What the model was told of it; null while it runs. */
  result: z.string().nullable(),
  /**
   * `unknown_tool`, `invalid_input`, `called_before`, `too_many_calls`, `timed_out`, `tool_failed`, or a code of the API.
   * `outcome_unknown`: it may have changed something, nobody heard what came of it, and it is not called again.
   */
  errorCode: z.string().nullable(),
  confirmationId: id.nullable(),
  startedAt: timestamp,
  durationMs: z.number().int().nullable(),
});
export type ToolStep = z.infer<typeof toolStep>;

/** JSON Schema of an object. */
export const jsonSchema = z.looseObject({
  type: z.literal('object'),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  required: z.array(z.string()).optional(),
});
export type JsonSchema = z.infer<typeof jsonSchema>;

/** Who may use a tool. */
export const toolChoice = z.object({
  /** The assistant, for whoever it answers. */
  contacts: z.boolean(),
  /** Members and their programs, as far as their role goes. */
  members: z.boolean(),
  /** A member confirms each call before it is made. */
  confirmation: z.boolean(),
});
export type ToolChoice = z.infer<typeof toolChoice>;

export const tool = toolChoice.extend({
  name: z.string(),
  description: z.string(),
  input: jsonSchema,
  /** What a member needs for it. */
  permission: z.string(),
  origin: z.enum(['built_in', 'http', 'server']),
  /** Of the HTTP tool or the server that it comes from. */
  originId: id.nullable(),
  /** Whom it can be given to: not every tool makes sense for both. */
  forContacts: z.boolean(),
  forMembers: z.boolean(),
  /** It cannot be undone: the confirmation cannot be taken away. */
  alwaysConfirmed: z.boolean(),
});
export type Tool = z.infer<typeof tool>;
export const toolList = z.object({ items: z.array(tool) });

const headers = z
  .array(
    z.object({
      name: z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'is no name of a header'),
      /** Kept encrypted and never shown; left out of a change: stays as it is. */
      value: z
        .string()
        .max(4_000)
        .regex(/^[^\r\n\0]*$/, 'is one line')
        .optional(),
    }),
  )
  .max(20);

/** Where a template may take a value from. */
export const templateValues = /\{(input\.[A-Za-z0-9_]+|contact\.(?:id|address)|conversation\.id)\}/g;

export const httpToolInput = z.object({
  /** What the model calls it. */
  name: z.string().regex(/^[a-z][a-z0-9_]{1,49}$/, 'has small letters, digits and underscores'),
  /** What it does and when to use it, for the model. */
  description: z.string().trim().min(1).max(1_000),
  /** What the model calls it with. */
  input: jsonSchema,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /**
   * With values in braces: `{input.order}` from the model, `{contact.address}`, `{contact.id}` and `{conversation.id}` from
   * us, of whoever is answered. What is not in the address goes as a query or as a JSON body.
   */
  url: z.string().trim().max(1_000),
  headers: headers.default([]),
  contacts: z.boolean().default(false),
  members: z.boolean().default(true),
  /** True unless you say that calls of it can be undone, or change nothing. */
  confirmation: z.boolean().default(true),
});
export type HttpToolInput = z.infer<typeof httpToolInput>;

export const httpTool = httpToolInput.omit({ headers: true }).extend({
  id,
  headerNames: z.array(z.string()),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type HttpTool = z.infer<typeof httpTool>;

export const toolTestInput = z.object({ input: z.record(z.string(), z.unknown()) });
/** What a call would tell the model. */
export const toolTest = z.object({ ok: z.boolean(), result: z.string(), durationMs: z.number().int() });
export type ToolTest = z.infer<typeof toolTest>;

/** A tool of a server, as it described itself when a member looked. */
export const listedTool = z.object({ name: z.string(), description: z.string(), input: jsonSchema });
export type ListedTool = z.infer<typeof listedTool>;

export const toolServerInput = z.object({
  /** Stands before the names of its tools. */
  name: z.string().regex(/^[a-z][a-z0-9]{1,19}$/, 'has small letters and digits'),
  url: z.url({ protocol: /^https?$/ }).max(500),
  headers: headers.default([]),
});
export type ToolServerInput = z.infer<typeof toolServerInput>;

export const toolServer = z.object({
  id,
  name: z.string(),
  url: z.string(),
  headerNames: z.array(z.string()),
  tools: z.array(listedTool),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type ToolServer = z.infer<typeof toolServer>;
export const toolServerList = z.object({ items: z.array(toolServer) });

export const confirmationState = z.enum([
  'waiting',
  /** It is about to be called. */
  'confirmed',
  'running',
  'done',
  'failed',
  'refused',
  'expired',
]);
export type ConfirmationState = z.infer<typeof confirmationState>;

/** A call that is made when a member says so. */
export const confirmation = z.object({
  id,
  tool: z.string(),
  /** What it will be called with. */
  input: z.record(z.string(), z.unknown()),
  permission: z.string(),
  askedBy: z.object({ kind: z.enum(['contact', 'member', 'api_key']), id: z.string().nullable() }),
  conversationId: id.nullable(),
  state: confirmationState,
  decidedBy: z.string().nullable(),
  decidedAt: timestamp.nullable(),
  /** What the tool returned. */
  result: z.string().nullable(),
  errorCode: z.string().nullable(),
  createdAt: timestamp,
  expiresAt: timestamp,
});
export type Confirmation = z.infer<typeof confirmation>;
export const confirmationPage = page(confirmation);
export const confirmationQuery = pageQuery.extend({
  conversationId: id.optional(),
  state: confirmationState.optional(),
});
export type ConfirmationQuery = z.infer<typeof confirmationQuery>;
export const decision = z.object({ decision: z.enum(['confirmed', 'refused']) });
export type Decision = z.infer<typeof decision>;
