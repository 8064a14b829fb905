// Rule 3, second half: only the owner of a table writes it. Other modules may read it in a join; to change a row they
// call the owner's door. Sees writes through Drizzle (`insert(table)`, `update(table)`, `delete(table)`), not raw SQL.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript-for-tools';
import type { BrokenRule } from './boundaries.ts';

const WRITES = new Set(['insert', 'update', 'delete']);
const EXEMPT = /\.test\.tsx?$|^server\/test\//;
const TABLES = /\bmodules\/([^/]+)\/tables\.ts$/;

/** The module whose tables a specifier names; null for any other import. */
function tableOwner(path: string, specifier: string): string | null {
  return TABLES.exec(posix.join(posix.dirname(path), specifier))?.[1] ?? null;
}

/** Local names that stand for tables (or for a whole tables.ts), with their owner. */
function importedTables(path: string, file: ts.SourceFile): Map<string, string> {
  const owners = new Map<string, string>();
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const owner = tableOwner(path, statement.moduleSpecifier.text);
    const bindings = statement.importClause?.namedBindings;
    if (owner === null || bindings === undefined) continue;
    const names = ts.isNamespaceImport(bindings)
      ? [bindings.name]
      : bindings.elements.map(({ name }) => name);
    for (const name of names) owners.set(name.text, owner);
  }
  return owners;
}

/** The leftmost name of `deliveries` and of `tables.deliveries`. */
function rootName(expression: ts.Expression | undefined): string {
  if (expression === undefined) return '';
  if (ts.isPropertyAccessExpression(expression)) return rootName(expression.expression);
  return ts.isIdentifier(expression) ? expression.text : '';
}

function writesIn(path: string, file: ts.SourceFile, owners: ReadonlyMap<string, string>): BrokenRule[] {
  const writer = /^server\/src\/modules\/([^/]+)\//.exec(path)?.[1];
  const broken: BrokenRule[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const owner = owners.get(rootName(node.arguments[0]));
      if (owner !== undefined && owner !== writer && WRITES.has(node.expression.name.text)) {
        const line = file.getLineAndCharacterOfPosition(node.expression.name.getStart(file)).line + 1;
        broken.push({
          rule: '3-only-the-owner-writes-its-tables',
          from: `${path}:${line}`,
          to: `server/src/modules/${owner}/tables.ts`,
          reason: `Only ${owner} writes its tables, so that its promises live in one place: call a function of its door.`,
        });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return broken;
}

/** Every write to a table of another module. Paths are relative to `root`, with forward slashes. */
export function findForeignWrites(root: string, paths: readonly string[]): BrokenRule[] {
  return paths
    .filter((path) => path.startsWith('server/') && !EXEMPT.test(path))
    .flatMap((path) => {
      const file = ts.createSourceFile(
        path,
        readFileSync(join(root, path), 'utf8'),
        ts.ScriptTarget.Latest,
        false,
      );
      const owners = importedTables(path, file);
      return owners.size === 0 ? [] : writesIn(path, file, owners);
    });
}
