// What stands in the form of an HTTP tool, and how it becomes one. A schema that rows cannot show stays as it is written.
import { type HttpTool, type HttpToolInput, jsonSchema } from '@parley/contract/tools';

const kinds = ['string', 'number', 'boolean'] as const;

export interface ValueDraft {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly kind: (typeof kinds)[number];
  readonly needed: boolean;
}

export interface ToolDraft extends Omit<HttpToolInput, 'input' | 'headers'> {
  readonly values: readonly ValueDraft[];
  /** JSON, where rows cannot show it; null: the rows count. */
  readonly schema: string | null;
  readonly headers: readonly {
    readonly key: string;
    readonly name: string;
    readonly value: string;
    readonly isKept: boolean;
  }[];
}

export function draftOf(tool: HttpTool | null): ToolDraft {
  const values = tool ? valuesOf(tool.input) : [];
  return {
    name: tool?.name ?? '',
    description: tool?.description ?? '',
    method: tool?.method ?? 'GET',
    url: tool?.url ?? 'https://',
    contacts: tool?.contacts ?? false,
    members: tool?.members ?? true,
    confirmation: tool?.confirmation ?? true,
    values: values ?? [],
    schema: values ? null : JSON.stringify(tool?.input, null, 2),
    headers: (tool?.headerNames ?? []).map((name) => ({ key: name, name, value: '', isKept: true })),
  };
}

/** Null where there is more in it than rows show. */
function valuesOf({
  type: _,
  properties = {},
  required = [],
  ...rest
}: HttpTool['input']): ValueDraft[] | null {
  if (Object.keys(rest).length > 0) return null;
  const values = Object.entries(properties).map(([name, { type, description = '', ...more }]) => {
    const kind = kinds.find((one) => one === type);
    if (!kind || typeof description !== 'string' || Object.keys(more).length > 0) return null;
    return { key: name, name, description, kind, needed: required.includes(name) };
  });
  return values.every((value) => value !== null) ? values : null;
}

export function isSchema(written: string): boolean {
  try {
    return jsonSchema.safeParse(JSON.parse(written)).success;
  } catch {
    return false;
  }
}

export function inputOf({ values, schema, headers, ...draft }: ToolDraft): HttpToolInput {
  const named = values.filter(({ name }) => name.trim() !== '');
  const properties = named.map(({ name, kind, description }) => [
    name.trim(),
    { type: kind, ...(description.trim() ? { description: description.trim() } : {}) },
  ]);
  return {
    ...draft,
    url: draft.url.trim(),
    description: draft.description.trim(),
    input:
      schema === null
        ? {
            type: 'object',
            properties: Object.fromEntries(properties),
            required: named.filter(({ needed }) => needed).map(({ name }) => name.trim()),
          }
        : JSON.parse(schema),
    headers: headers
      .filter(({ name }) => name.trim() !== '')
      .map(({ name, value, isKept }) => ({
        name: name.trim(),
        ...(isKept && value === '' ? {} : { value }),
      })),
  };
}
