import type { AuditEntry, AuditPage } from '@parley/contract/audit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { act, actedModule, auditEntries, auditedActions, verifyAudit } from '../../../../test/audited.ts';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { modules } from '../../../app.ts';
import { fixedClock } from '../../../core/clock.ts';
import { newId } from '../../../core/identifiers.ts';

const clock = fixedClock();
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ clock, modules: [actedModule] });
});
afterAll(() => test.close());

describe('every event that is audited', () => {
  const audited = modules.flatMap((module) => module.events ?? []).filter(({ audit }) => audit);
  const shape = z.object({ properties: z.record(z.string(), z.unknown()).default({}) });

  it('names a target that its payload has', () => {
    expect(audited.length).toBeGreaterThan(25);
    for (const { type, payload, audit } of audited) {
      if (audit?.id == null) continue;
      const { properties } = shape.parse(z.toJSONSchema(payload));
      expect([type, Object.keys(properties)]).toEqual([type, expect.arrayContaining([audit.id])]);
    }
  });

  it('leaves exactly one entry where its rule says so, and none elsewhere', async () => {
    const workspace = await test.workspace();
    let expected: string[] = [];
    for (const definition of audited) {
      const payload = example(z.toJSONSchema(definition.payload)) as never;
      await workspace.ctx.transaction(async (tx) => tx.append(definition, payload));
      if (definition.audit?.when?.(payload) ?? true) expected = [...expected, definition.type];
    }
    expect(expected.length).toBeGreaterThan(20);
    expect(await auditedActions(workspace)).toEqual(expected);
    expect((await verifyAudit(test, workspace)).broken).toBeNull();
  });

  it('is no event of a message: what answers people writes no audit', () => {
    expect(
      audited.map(({ type }) => type).filter((type) => /^(message|conversation|run|note)\./.test(type)),
    ).toEqual([]);
  });
});

/** A value that fits a JSON Schema. */
function example(schema: unknown): unknown {
  const node = schema as {
    type?: string;
    enum?: unknown[];
    const?: unknown;
    format?: string;
    anyOf?: unknown[];
    properties?: Record<string, unknown>;
  };
  if (node.const !== undefined) return node.const;
  if (node.enum) return node.enum[0];
  if (node.anyOf) return example(node.anyOf[0]);
  if (node.type === 'object')
    return Object.fromEntries(
      Object.entries(node.properties ?? {}).map(([key, inner]) => [key, example(inner)]),
    );
  if (node.type === 'array') return [];
  if (node.type === 'integer' || node.type === 'number') return 1;
  if (node.type === 'boolean') return true;
  if (node.type === 'null') return null;
  if (node.format === 'date-time') return '2026-01-01T00:00:00.000Z';
  return node.format === 'uuid' ? newId() : 'text';
}

describe('reading', () => {
  it('goes by pages and filters', async () => {
    const workspace = await test.workspace();
    await act(workspace, 5);
    const from = clock.date().toISOString();
    clock.advance(1000);
    await act(workspace, 5);
    const page = (query: string) =>
      workspace.as('admin').get<AuditPage>(`/api/v1/audit?action=test.acted${query}`);
    const { body: first } = await page('&limit=4');
    expect(first.items).toHaveLength(4);
    const { body: second } = await page(`&limit=200&cursor=${first.nextCursor}`);
    const numbers = [...first.items, ...second.items].map(({ number }) => number);
    expect(numbers).toHaveLength(10);
    expect(numbers).toEqual(numbers.toSorted((one, other) => other - one));
    expect((await page(`&to=${clock.date().toISOString()}`)).body.items).toHaveLength(5);
    expect((await page(`&from=${clock.date().toISOString()}`)).body.items).toHaveLength(5);
    expect((await page(`&from=${from}&actor=system`)).body.items).toHaveLength(10);
    expect((await page('&actor=contact')).body.items).toEqual([]);
    expect((await page('&cursor=nonsense')).status).toBe(400);
    expect((await workspace.as('agent').get('/api/v1/audit')).status).toBe(403);
    expect((await workspace.as('agent').get('/api/v1/audit/export')).status).toBe(403);
  });

  it('is in the audit itself, once a minute; each export too', async () => {
    const workspace = await test.workspace();
    for (let read = 0; read < 5; read += 1) await auditEntries(workspace);
    await test.event('audit.read', ({ workspaceId }) => workspaceId === workspace.id);
    expect((await auditedActions(workspace)).filter((action) => action === 'audit.read')).toHaveLength(1);
    await act(workspace, 1200);
    const lines = await fetch(`${test.url}/api/v1/audit/export?format=jsonl&action=test.acted`, {
      headers: await workspace.as('owner').authorization(),
    });
    expect(lines.headers.get('content-type')).toContain('jsonl');
    const text = await lines.text();
    const parsed = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntry);
    expect(parsed).toHaveLength(1200);
    const csv = await workspace.as('owner').get<string>('/api/v1/audit/export');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="audit.csv"');
    expect(csv.body.split('\r\n')[0]).toMatch(/^number,occurred_at,actor_kind,/);
    const exports = await auditEntries(workspace, '&action=audit.exported');
    expect(exports.map(({ details }) => details)).toEqual([
      { format: 'csv', filters: [] },
      { format: 'jsonl', filters: ['action'] },
    ]);
    expect((await verifyAudit(test, workspace)).broken).toBeNull();
  });
});
