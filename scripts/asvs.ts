// Keeps docs/security/asvs.md true: every requirement of levels 1 and 2 stands in it once, what is said to be shown names tests that
// exist, and the counts at its top are those of its rows. `--write` writes the counts.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript-for-tools';
import { requirements } from './asvs-requirements.ts';

const root = join(import.meta.dirname, '..');
const page = 'docs/security/asvs.md';
/** Their links lead to tests and pages too. */
const otherPages = ['SECURITY.md', 'docs/security.md', 'docs/security/controls.md'];
const states = ['shown by', 'operator', 'not applicable', 'not yet'] as const;
type State = (typeof states)[number];

/** What a file holds, by its path from the root; null where there is none. */
type Read = (path: string) => string | null;

interface Row {
  readonly id: string;
  readonly level: string;
  readonly asked: string;
  readonly state: string;
  readonly how: string;
}

const rowPattern = /^\| (V\d+\.\d+\.\d+) \| ([^|\n]*) \| ([^|\n]*) \| ([^|\n]*) \| (.*) \|$/gm;
const countsPattern = /(<!-- counts -->\n)[\s\S]*?(<!-- end of counts -->)/;
/** `server/src/core/http.test.ts › an error › has one envelope`, in backticks. */
const testPattern = /`([\w./-]+\.test\.tsx?) › ([^`]+)`/g;
/** `[words](file#heading)`, in the repository. */
const linkPattern = /\]\((?!https:)([^)#\s]*)(?:#([^)]*))?\)/;

const readRows = (text: string): Row[] =>
  [...text.matchAll(rowPattern)].map(([, id = '', level = '', asked = '', state = '', how = '']) => ({
    id,
    level: level.trim(),
    asked: asked.trim(),
    state: state.trim(),
    how: how.trim(),
  }));

/** As GitHub makes them of headings. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .replaceAll(' ', '-');

/** @param path of the page that the text stands in @returns a sentence for each link that leads nowhere */
export function findBrokenLinks(path: string, text: string, read: Read): string[] {
  const links = [...text.matchAll(new RegExp(linkPattern, 'g'))];
  return links.flatMap(([, file = '', anchor = '']) => {
    const target = file === '' ? path : join(dirname(path), file);
    const there = read(target);
    if (there === null) return [`${target} is not there.`];
    const anchors = [...there.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
    return anchor === '' || anchors.includes(anchor) ? [] : [`${target} has no heading for #${anchor}.`];
  });
}

/** The names of all tests of a file, each with those of the suites around it: `suite › test`. */
function testsIn(path: string, source: string): Set<string> {
  const found = new Set<string>();
  const visit = (node: ts.Node, around: readonly string[]): void => {
    let inside = around;
    if (ts.isCallExpression(node) && /^(?:test|it|describe)$/.test(calledName(node.expression))) {
      const [title] = node.arguments;
      if (title && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) {
        const name = ts.isStringLiteralLike(title) ? title.text : title.getText(file).slice(1, -1);
        inside = [...around, name];
        for (let from = 0; from < inside.length; from += 1) found.add(inside.slice(from).join(' › '));
      }
    }
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, false);
  visit(file, []);
  return found;
}

/** The leftmost name of `it`, `it.each([…])` and `describe.skipIf(…)`. */
function calledName(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression))
    return calledName(expression.expression);
  return '';
}

/** The table of counts, as it should stand at the top. */
export function countRows(text: string): string {
  const rows = readRows(text);
  const chapters = [...new Set(rows.map(({ id }) => id.split('.')[0] ?? ''))];
  const line = (name: string, among: readonly Row[]) => {
    const counts = states.map((state) => among.filter((row) => row.state === state).length);
    return `| ${[name, among.length, ...counts].join(' | ')} |\n`;
  };
  const level = (one: string) => rows.filter((row) => row.level === one);
  return [
    `| chapter | asked | ${states.join(' | ')} |\n`,
    `| --- ${'| ---: '.repeat(states.length + 1)}|\n`,
    ...chapters.map((chapter) =>
      line(
        chapter,
        rows.filter(({ id }) => id.startsWith(`${chapter}.`)),
      ),
    ),
    line('level 1', level('1')),
    line('level 2', level('2')),
    line('all', rows),
  ].join('');
}

/** @returns a sentence for whatever is not true */
export function findDrift(text: string, read: Read): string[] {
  const rows = readRows(text);
  const wrong: string[] = [];
  const tests = new Map<string, Set<string>>();
  const testsOf = (path: string) => {
    const source = read(path);
    if (source === null) return null;
    if (!tests.has(path)) tests.set(path, testsIn(path, source));
    return tests.get(path) ?? null;
  };

  const seen = new Map(rows.map((row) => [row.id, rows.filter(({ id }) => id === row.id).length]));
  for (const { id, level } of requirements) {
    const count = seen.get(id) ?? 0;
    if (count !== 1) wrong.push(`${id} stands in the table ${count} times.`);
    const row = rows.find((one) => one.id === id);
    if (row && row.level !== String(level)) wrong.push(`${id} is of level ${level}.`);
  }
  const known = new Map(requirements.map((one) => [one.id, one]));
  for (const row of rows) {
    const requirement = known.get(row.id);
    if (!requirement) wrong.push(`${row.id} is no requirement of level 1 or 2.`);
    if (row.asked === '') wrong.push(`${row.id} does not say what is asked.`);
    if (!states.includes(row.state as State)) wrong.push(`${row.id} has the state “${row.state}”.`);
    if (row.how === '') wrong.push(`${row.id} does not say why.`);
    const named = [...row.how.matchAll(testPattern)];
    for (const [, path = '', name = ''] of named) {
      const there = testsOf(path);
      if (!there) wrong.push(`${row.id} names ${path}, which is not there.`);
      else if (!there.has(name)) wrong.push(`${row.id} names “${name}”, which is no test of ${path}.`);
    }
    wrong.push(...findBrokenLinks(page, row.how, read).map((sentence) => `${row.id}: ${sentence}`));
    if (row.state !== 'shown by' || named.length > 0) continue;
    if (!requirement?.isDocumentation || !linkPattern.test(row.how))
      wrong.push(`${row.id} is said to be shown, and names no test.`);
  }
  const counts = countsPattern.exec(text)?.[0];
  if (counts !== `<!-- counts -->\n${countRows(text)}<!-- end of counts -->`)
    wrong.push('The counts at the top are not those of the rows: node scripts/asvs.ts --write');
  return wrong;
}

if (import.meta.main) {
  const path = join(root, page);
  if (process.argv.includes('--write')) {
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.replace(countsPattern, (_all, begin, end) => `${begin}${countRows(text)}${end}`),
    );
  }
  const text = readFileSync(path, 'utf8');
  const read: Read = (file) => {
    const there = join(root, file);
    return existsSync(there) ? readFileSync(there, 'utf8') : null;
  };
  const wrong = [
    ...findDrift(text, read),
    ...otherPages.flatMap((one) =>
      findBrokenLinks(one, read(one) ?? '', read).map((sentence) => `${one}: ${sentence}`),
    ),
  ];
  console.log(wrong.join('\n') || `${page} names every requirement once, and tests that exist.`);
  if (wrong.length > 0) process.exitCode = 1;
}
