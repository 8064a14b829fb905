import { expect, test } from 'vitest';
import { countRows, findDrift } from './asvs.ts';
import { requirements } from './asvs-requirements.ts';

const files: Record<string, string> = {
  'server/a.test.ts': `
    const of = <Value>(value: Value) => value;
    describe('a wall', () => { it.each([1])('holds against %s', () => {}); });
    test('a door is shut', () => {});`,
  'docs/security.md': '# Security\n\n## The walls',
};
const read = (path: string) => files[path] ?? null;

interface Row {
  readonly id: string;
  readonly state: string;
  readonly how: string;
}

/** A table in which every requirement is shown by a test, but for the rows given. */
function table(changed: readonly Row[] = []): string {
  const rows = requirements.map(({ id, level }) => {
    const row = changed.find((one) => one.id === id);
    const how = row?.how ?? '`server/a.test.ts › a wall › holds against %s`';
    return `| ${id} | ${level} | something | ${row?.state ?? 'shown by'} | ${how} |`;
  });
  const text = `<!-- counts -->\nCOUNTS<!-- end of counts -->\n\n${rows.join('\n')}\n`;
  return text.replace('COUNTS', countRows(text));
}

test('there are as many requirements as the standard has on its levels 1 and 2', () => {
  const of = (level: number) => requirements.filter((one) => one.level === level).length;
  expect([of(1), of(2)]).toEqual([70, 183]);
  expect(new Set(requirements.map(({ id }) => id)).size).toBe(253);
});

test('a table that names every requirement once, and tests that exist, is true', () => {
  const changed = [
    { id: 'V1.1.1', state: 'shown by', how: '`server/a.test.ts › a door is shut`' },
    { id: 'V1.1.2', state: 'operator', how: 'a certificate' },
    // What asks for something that is written down is shown by a page.
    { id: 'V2.1.1', state: 'shown by', how: '[the page](../security.md#the-walls)' },
  ];
  expect(findDrift(table(changed), read)).toEqual([]);
});

test.each<[string, Row, string]>([
  ['a test that is not there', row('`server/a.test.ts › a wall › holds`'), 'is no test of server/a.test.ts'],
  [
    'a suite that a test does not stand in',
    row('`server/a.test.ts › a wall › a door is shut`'),
    'is no test',
  ],
  ['a file that is not there', row('`server/b.test.ts › a door is shut`'), 'which is not there'],
  ['a link that leads nowhere', row('[a page](../nowhere.md)', 'operator'), 'docs/nowhere.md is not there'],
  ['a heading that is not there', row('[a page](../security.md#doors)', 'operator'), 'no heading for #doors'],
  ['words without a test', row('it surely does'), 'names no test'],
  ['a page where a test is asked for', row('[the page](../security.md)'), 'names no test'],
  ['a state that nobody knows', row('why', 'perhaps'), 'has the state “perhaps”'],
  ['no word of why', row('', 'not yet'), 'does not say why'],
])('%s is found', (_what, changed, sentence) => {
  const wrong = findDrift(table([changed]), read);
  expect(wrong.length).toBe(1);
  expect(wrong[0]).toContain(sentence);
});

test('a requirement that is missing, there twice, or on another level is found, and so are wrong counts', () => {
  const whole = table();
  const line = /^\| V1\.1\.1 .*\n/m.exec(whole)?.[0] ?? '';
  const counts = 'The counts at the top are not those of the rows: node scripts/asvs.ts --write';
  expect(findDrift(whole.replace(line, ''), read)).toEqual(['V1.1.1 stands in the table 0 times.', counts]);
  expect(findDrift(whole.replace(line, line + line), read)).toContain('V1.1.1 stands in the table 2 times.');
  expect(findDrift(whole.replace(line, line.replace('| 2 |', '| 1 |')), read)).toContain(
    'V1.1.1 is of level 2.',
  );
  expect(findDrift(whole.replace(line, line.replace('V1.1.1', 'V1.1.9')), read)).toContain(
    'V1.1.9 is no requirement of level 1 or 2.',
  );
  expect(findDrift(whole.replace('| all | 253', '| all | 254'), read)).toEqual([counts]);
});

function row(how: string, state = 'shown by'): Row {
  return { id: 'V1.1.1', state, how };
}
