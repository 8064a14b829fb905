// Every documented route of the app, and input that its schema takes: for tests whose promises hold for all routes.
import { z } from 'zod';
import type { App } from '../src/app.ts';
import { newId } from '../src/core/identifiers.ts';

const jsonSchema = z.looseObject({});
type JsonSchema = z.infer<typeof jsonSchema>;

const operation = z.looseObject({
  summary: z.string().min(1),
  tags: z.array(z.string()).min(1),
  'x-permission': z.string(),
  'x-step-up': z.literal(true).optional(),
  security: z.array(z.looseObject({})).optional(),
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        in: z.enum(['path', 'query', 'header', 'cookie']),
        required: z.boolean().optional(),
        schema: jsonSchema,
      }),
    )
    .default([]),
  requestBody: z
    .looseObject({ content: z.record(z.string(), z.looseObject({ schema: jsonSchema.optional() })) })
    .optional(),
  responses: z
    .record(z.string(), z.looseObject({ description: z.string() }))
    .refine((responses) =>
      Object.keys(responses).every((status) => /^(?:[1-5](?:\d\d|XX)|default)$/.test(status)),
    ),
});

/** What the OpenAPI 3.1 specification asks of a document, as far as ours uses it. */
export const openApiDocument = z.looseObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  servers: z.array(z.looseObject({ url: z.url() })),
  paths: z.record(
    z.string().startsWith('/'),
    z.record(z.enum(['get', 'put', 'post', 'patch', 'delete']), operation.optional()),
  ),
  components: z.looseObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/), jsonSchema).optional(),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.string() })),
  }),
});

export interface Route {
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  /** As documented: `/api/v1/messages/{id}`. */
  readonly path: string;
  readonly permission: string;
  /** Asked of a member only when they have proved lately that it is them. */
  readonly stepUp: boolean;
  readonly security: readonly unknown[] | undefined;
  readonly pathParameters: readonly string[];
  /** What must be in the query, with a value that is valid. */
  readonly query: string;
  /** A body that is valid, with `id` wherever an id stands; undefined when it takes none. */
  body(id: string): unknown;
}

export function documentedRoutes(app: App): Route[] {
  const document = openApiDocument.parse(app.http.swagger());
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, found]) => {
      if (!found) return [];
      const bodySchema = found.requestBody?.content['application/json']?.schema;
      const query = found.parameters.filter((parameter) => parameter.in === 'query' && parameter.required);
      return {
        method: method as Route['method'],
        path,
        permission: found['x-permission'],
        stepUp: found['x-step-up'] ?? false,
        security: found.security,
        pathParameters: found.parameters
          .filter((parameter) => parameter.in === 'path')
          .map((parameter) => parameter.name),
        query: new URLSearchParams(
          query.map((parameter): [string, string] => [
            parameter.name,
            String(example(parameter.schema, newId())),
          ]),
        ).toString(),
        body: (id: string) => (bodySchema ? example(bodySchema, id) : undefined),
      };
    }),
  );
}

/** A value that a JSON Schema takes: all properties, also those that may be left out; `id` for every id. */
export function example(schema: JsonSchema, id: string): unknown {
  const { format, properties, items, minimum, minLength, pattern } = schema;
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  const alternatives = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (alternatives?.[0]) return example(alternatives[0], id);
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries((properties ?? {}) as Record<string, JsonSchema>).map(([name, property]) => [
          name,
          example(property, id),
        ]),
      );
    case 'array':
      return items ? [example(items as JsonSchema, id)] : [];
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return Math.max(1, Number(minimum ?? 1));
    case 'null':
      return null;
    default:
      if (format === 'uuid') return id;
      if (format === 'date-time') return '2030-01-01T00:00:00Z';
      if (format === 'uri') return 'https://example.com/';
      if (typeof pattern === 'string' && new RegExp(pattern).test('US')) return 'US';
      return 'x'.repeat(Math.max(1, Number(minLength ?? 1)));
  }
}
