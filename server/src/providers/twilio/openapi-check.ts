// Judges exchanges with Twilio's API by Twilio's own description of it: our requests and the simulator's answers.
// Only tests use it; it is strict where the description is loose, for a simulator that invents fields helps nobody.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { z } from 'zod';
import type { SimulatedExchange } from './simulator.ts';

const schemaNode = z.record(z.string(), z.unknown());
const parameter = z.object({ name: z.string(), in: z.string(), schema: schemaNode });
const content = z.object({
  schema: schemaNode,
  examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});
const operation = z.object({
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ content: z.record(z.string(), content) }).optional(),
  responses: z.record(z.string(), z.object({ content: z.record(z.string(), content).optional() })),
});
const description = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.object({ schemas: z.record(z.string(), schemaNode) }),
});

const errorSchema = {
  type: 'object',
  required: ['code', 'message', 'more_info', 'status'],
  additionalProperties: false,
  properties: {
    code: { type: 'integer' },
    message: { type: 'string' },
    more_info: { type: 'string', format: 'uri' },
    status: { type: 'integer' },
  },
};

export interface OpenApiCheck {
  /** What is wrong with an exchange; nothing when the list is empty. */
  violations(exchange: SimulatedExchange): string[];
  /** The description's own examples of an answer. */
  examples(method: string, path: string): { status: number; body: unknown }[];
}

/** A file beside the project that says how Twilio behaves; null where the project stands alone, but not in CI. */
export function vendorFile(name: string): string | null {
  const path = join(import.meta.dirname, '../../../../../shared/vendors', name);
  if (existsSync(path)) return readFileSync(path, 'utf8');
  if (process.env.CI) throw new Error(`${name} is needed in CI`);
  process.stdout.write(`not checked: ${name} is not here\n`);
  return null;
}

export function createOpenApiCheck(json: string): OpenApiCheck {
  const spec = description.parse(JSON.parse(json));
  // coerceTypes: a query and a form carry text only. Answers are checked without it.
  const requests = addTwilioFormats(new Ajv({ strict: false, coerceTypes: true, allErrors: true }));
  const answers = addTwilioFormats(new Ajv({ strict: false, allErrors: true }));
  const root = strict({ components: spec.components }) as object;
  for (const ajv of [requests, answers]) ajv.addSchema(root, 'twilio');
  const templates = Object.keys(spec.paths)
    .map((path) => ({ path, pattern: patternOf(path) }))
    // The most literal one first: `Messages.json` before `{Sid}.json`.
    .sort((left, right) => left.path.split('{').length - right.path.split('{').length);
  const compiled = new Map<unknown, ValidateFunction>();

  function compile(ajv: Ajv, schema: unknown): ValidateFunction {
    const known = compiled.get(schema);
    if (known) return known;
    const validate = ajv.compile(strict(schema) as object);
    compiled.set(schema, validate);
    return validate;
  }

  function judge(ajv: Ajv, schema: unknown, value: unknown, where: string): string[] {
    const validate = compile(ajv, schema);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${where}${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  function operationOf(method: string, path: string) {
    for (const template of templates) {
      const match = template.pattern.exec(path);
      const found = match && spec.paths[template.path]?.[method.toLowerCase()];
      if (found) return { operation: operation.parse(found), pathValues: match.groups ?? {} };
    }
    return null;
  }

  return {
    violations(exchange) {
      const { pathname, searchParams } = new URL(exchange.url, 'https://api.twilio.com');
      const found = operationOf(exchange.method, pathname);
      if (!found) return [`${exchange.method} ${pathname} is not described`];
      const wrong: string[] = [];
      const described = (place: string) => found.operation.parameters.filter((entry) => entry.in === place);
      for (const { name, schema } of described('path')) {
        wrong.push(...judge(requests, schema, found.pathValues[name], `path ${name}`));
      }
      const query = new Map(described('query').map(({ name, schema }) => [name, schema]));
      for (const [name, value] of searchParams) {
        const schema = query.get(name);
        wrong.push(
          ...(schema ? judge(requests, schema, value, `query ${name}`) : [`query ${name} is not described`]),
        );
      }
      const form = found.operation.requestBody?.content['application/x-www-form-urlencoded']?.schema;
      if (exchange.form !== undefined && exchange.form !== null) {
        wrong.push(
          ...(form
            ? judge(requests, form, listed(exchange.form, form), 'form')
            : ['a form is not described']),
        );
      }
      return [...wrong, ...answerViolations(exchange, found.operation)];
    },
    examples(method, path) {
      const found = operationOf(method, path);
      return Object.entries(found?.operation.responses ?? {}).flatMap(([status, response]) =>
        Object.values(response.content?.['application/json']?.examples ?? {}).map(({ value }) => ({
          status: Number(status),
          body: value,
        })),
      );
    },
  };

  function answerViolations(exchange: SimulatedExchange, found: z.infer<typeof operation>): string[] {
    if (exchange.status >= 400) return judge(answers, errorSchema, exchange.body, 'error');
    const response = found.responses[String(exchange.status)];
    if (!response) return [`status ${exchange.status} is not described`];
    const described = response.content?.['application/json'];
    if (!described) return exchange.body === null ? [] : ['an answer without a body has one'];
    return [
      ...judge(answers, described.schema, exchange.body, 'answer'),
      ...missing(exchange.body, Object.values(described.examples)[0]?.value, 'answer'),
    ];
  }
}

/** The description requires no field of an answer; its example shows which ones there are. */
function missing(body: unknown, example: unknown, where: string): string[] {
  if (Array.isArray(body) && Array.isArray(example)) {
    return body.flatMap((item, index) => missing(item, example[0], `${where}/${index}`));
  }
  if (!isRecord(body) || !isRecord(example) || where.endsWith('_uris')) return [];
  return Object.keys(example).flatMap((key) =>
    key in body ? missing(body[key], example[key], `${where}/${key}`) : [`${where}/${key} is missing`],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** No undescribed fields, and references that find the description. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strict);
  if (!isRecord(node)) return node;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    copy[key] = key === '$ref' ? String(value).replace(/^#/, 'twilio#') : strict(value);
  }
  if (copy.type === 'object' && isRecord(copy.properties)) copy.additionalProperties = false;
  return copy;
}

/** A form with one value for a parameter does not say that it is a list. */
function listed(form: unknown, schema: Record<string, unknown>): unknown {
  if (!isRecord(form) || !isRecord(schema.properties)) return form;
  const properties = schema.properties;
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => {
      const property = properties[name];
      const isList = isRecord(property) && property.type === 'array';
      return [name, isList && !Array.isArray(value) ? [value] : value];
    }),
  );
}

function patternOf(path: string): RegExp {
  const escaped = path.replaceAll('.', '\\.');
  return new RegExp(`^${escaped.replace(/\{(\w+)\}/g, (_all, name) => `(?<${name}>[^/]+?)`)}$`);
}

function addTwilioFormats(ajv: Ajv): Ajv {
  addFormats.default(ajv);
  // Twilio's examples have relative and empty ones.
  ajv.addFormat('uri', (value: string) => value === '' || URL.canParse(value, 'https://api.twilio.com'));
  ajv.addFormat('date-time', /^\d{4}-\d{2}-\d{2}(T.*Z)?$/);
  ajv.addFormat('date-time-rfc-2822', /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000$/);
  ajv.addFormat('phone-number', /^(\+?\d{3,15}|[A-Za-z0-9 ]{1,11})$/);
  ajv.addFormat('currency', /^[A-Za-z]{3}$/);
  ajv.addFormat('http-method', /^(GET|POST)$/);
  ajv.addFormat('iso-country-code', /^[A-Z]{2}$/);
  ajv.addFormat('uri-map', true);
  ajv.addFormat('phone-number-capabilities', true);
  return ajv;
}
