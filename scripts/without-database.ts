// Which tests no database takes part in: nothing that they import, however far away, reads where the database of the tests is.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** Of our own files; packages know nothing of it. */
const imported = /(?:\bfrom\s*|\bimport\s*\(?\s*)'(\.{1,2}\/[^']+)'/g;
const setting = 'TEST_DATABASE_URL';

/** @returns paths from the root, as globs write them */
export function testsWithoutDatabase(root: string, globs: readonly string[]): string[] {
  const read = new Map<string, string>();
  const textOf = (path: string): string => {
    const known = read.get(path);
    if (known !== undefined) return known;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    read.set(path, text);
    return text;
  };
  const reachesDatabase = (test: string): boolean => {
    const seen = new Set([test]);
    for (const path of seen) {
      const text = textOf(path);
      if (text.includes(setting)) return true;
      for (const [, to = ''] of text.matchAll(imported)) seen.add(join(dirname(path), to));
    }
    return false;
  };
  return globSync(globs, { cwd: root, exclude: ['**/node_modules/**'] })
    .map((path) => join(root, path))
    .filter((path) => !reachesDatabase(path))
    .map((path) => relative(root, path).split(sep).join('/'))
    .sort();
}
