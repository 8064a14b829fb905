import type { HttpTool } from '@parley/contract/tools';
import { expect, it } from 'vitest';
import { processorMs } from '../../../../test/processor-time.ts';
import type { httpTools } from '../tables.ts';
import { toHttpTool } from './http-tool.ts';
import { withoutPatterns } from './schema-patterns.ts';

const hostile = '^(a+)+$';

function toolWith(properties: HttpTool['input']['properties']) {
  return toHttpTool({
    id: 'one',
    name: 'find_order',
    description: 'Finds.',
    input: { type: 'object', properties, required: ['order'] },
    method: 'GET',
    url: 'https://shop.example/orders',
    headers: null,
  } as typeof httpTools.$inferSelect);
}

it('a pattern of a tool’s input is not run over what a model says, however long it would take', () => {
  const tool = toolWith({ order: { type: 'string', pattern: hostile, maxLength: 50 } });
  const spentMs = processorMs(() =>
    expect(tool.read({ order: `${'a'.repeat(40)}!` })).toEqual({ order: `${'a'.repeat(40)}!` }),
  );
  expect(spentMs).toBeLessThan(500);
  expect(() => tool.read({ order: 7 })).toThrow('order');
  expect(() => tool.read({ order: 'a'.repeat(60) })).toThrow('order');
  // The model is still told.
  expect(JSON.stringify(tool.parameters)).toContain(hostile);
});

it('patterns are taken out wherever they stand, and nothing that only looks like one', () => {
  const schema = {
    type: 'object',
    properties: {
      pattern: { type: 'string', pattern: hostile, enum: ['pattern'] },
      list: {
        type: 'array',
        items: { anyOf: [{ type: 'string', pattern: hostile }, { const: { pattern: 'x' } }] },
      },
    },
    patternProperties: { [hostile]: { type: 'string' } },
    additionalProperties: false,
  };
  expect(withoutPatterns(schema)).toEqual({
    type: 'object',
    properties: {
      pattern: { type: 'string', enum: ['pattern'] },
      list: { type: 'array', items: { anyOf: [{ type: 'string' }, { const: { pattern: 'x' } }] } },
    },
  });
});
