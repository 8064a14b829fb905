import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { quickUrl } from './loading.ts';

const entry = 'file:///somewhere/node_modules/drizzle-orm/pg-core/index.js';

it('only relative imports inside drizzle-orm are found the quick way', () => {
  expect(quickUrl('./table.js', entry)).toBe('file:///somewhere/node_modules/drizzle-orm/pg-core/table.js');
  expect(quickUrl('../sql/sql.js', entry)).toBe('file:///somewhere/node_modules/drizzle-orm/sql/sql.js');
  for (const specifier of ['pg', 'node:fs', './table.cjs', '#inside', 'drizzle-orm/pg-core']) {
    expect(quickUrl(specifier, entry)).toBeNull();
  }
  expect(quickUrl('./table.js', 'file:///somewhere/node_modules/other/index.js')).toBeNull();
  expect(quickUrl('./table.js', 'file:///somewhere/node_modules/drizzle-orm/index.cjs')).toBeNull();
  expect(quickUrl('./table.js', undefined)).toBeNull();
});

it('the installed drizzle-orm says of all its .js files that they are ES modules', async () => {
  const main = createRequire(import.meta.url).resolve('drizzle-orm');
  expect(JSON.parse(await readFile(join(dirname(main), 'package.json'), 'utf8')).type).toBe('module');
});

it('what is loaded the quick way is the same', async () => {
  const names = `Object.keys({ ...(await import('drizzle-orm/pg-core')), ...(await import('drizzle-orm')) }).sort().join()`;
  const print = (before: string) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', `${before} console.log(${names})`], {
      cwd: import.meta.dirname,
    });
  const [usual, quick] = await Promise.all([
    print(''),
    print(
      `(await import(${JSON.stringify(new URL('./loading.ts', import.meta.url).href)})).prepareLoading();`,
    ),
  ]);
  expect(quick.stdout).toBe(usual.stdout);
  expect(quick.stdout).toContain('pgTable');
}, 60_000);
