import { expect, test } from 'vitest';
import { table } from './command.ts';
import { visibleLines } from './visible.ts';

test('a stored name moves no cursor, turns no text and begins no line of its own', () => {
  const printed = visibleLines(table(['name'], [['a\u001b[2J\r\nid  owner\u202egnp\u009b']]));
  expect(printed.split('\n')).toHaveLength(2);
  expect(printed).toContain('a\\u001b[2J\\u000d\\u000aid  owner\\u202egnp\\u009b');
});
