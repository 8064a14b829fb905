import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testsWithoutDatabase } from './without-database.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parley-tests-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const files = (texts: Record<string, string>) => {
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(root, name), text);
  return testsWithoutDatabase(root, ['**/*.test.ts']);
};

it('a test that reaches the database through what it imports, loads later, or says itself is none of them', () => {
  const found = files({
    'database.ts': 'process.env.TEST_DATABASE_URL',
    'harness.ts': "import {\n  copy,\n} from './database.ts';",
    'far.test.ts': "import { start } from './harness.ts';",
    'late.test.ts': "const { start } = await import('./harness.ts');",
    'for-effect.test.ts': "import './harness.ts';",
    'itself.test.ts': 'const url = process.env.TEST_DATABASE_URL;',
    'circle.ts': "import './circle.test.ts';",
    'circle.test.ts': "import './circle.ts';\nimport 'node:fs';",
    'alone.test.ts': "import './gone.ts';",
  });
  expect(found).toEqual(['alone.test.ts', 'circle.test.ts']);
});

it('tests of this project that ask for a database are run on each, and those of plain functions are not', () => {
  const found = testsWithoutDatabase(join(import.meta.dirname, '..'), ['server/**/*.test.ts']);
  expect(found).toContain('server/src/core/identifiers.test.ts');
  expect(found).not.toContain('server/src/core/database.test.ts');
  expect(found.length).toBeGreaterThan(20);
});
