import type { QuickReply } from '@parley/contract/inbox';
import { expect, test } from 'vitest';
import {
  fillQuickReply,
  isShortcut,
  matchQuickReplies,
  toShortcut,
  unknownVariables,
} from './quick-replies.ts';

const item = (shortcut: string, body: string) => ({ id: shortcut, shortcut, body }) as QuickReply;
const items = [item('hours', 'We are open from 9 to 5.'), item('address', 'Main Street, open daily.')];
const matches = (text: string) => matchQuickReplies(items, text)?.map(({ shortcut }) => shortcut);

test('a / at the beginning offers quick replies by shortcut first, then by their words', () => {
  expect(matches('/')).toEqual(['hours', 'address']);
  expect(matches('/Ho')).toEqual(['hours']);
  expect(matches('/open')).toEqual(['hours', 'address']);
  expect(matches('/nothing')).toEqual([]);
});

test('a / elsewhere, or words after it, ask for none', () => {
  expect(matches('and/or')).toBeUndefined();
  expect(matches('/hours please')).toBeUndefined();
});

const values = {
  'contact.name': 'Ana',
  'contact.address': '+12025550142',
  'member.name': 'Ben',
  'workspace.name': 'Harbour Bakery',
};

test('variables are filled in, and what is not known leaves no gap', () => {
  const body = 'Hi {{contact.name}}, this is {{ member.name }}. {{order.id}}';
  expect(fillQuickReply(body, values)).toBe('Hi Ana, this is Ben. {{order.id}}');
  expect(fillQuickReply(body, { ...values, 'contact.name': '' })).toBe('Hi, this is Ben. {{order.id}}');
});

test('what would be sent as it stands is named, each once', () => {
  expect(unknownVariables('{{contact.name}} {{ member.name }} in {{workspace.name}}')).toEqual([]);
  expect(unknownVariables('{{order.id}} {{Contact.Name}} {{}} {{order.id}} {not one}')).toEqual([
    '{{order.id}}',
    '{{Contact.Name}}',
    '{{}}',
  ]);
});

test('a shortcut may be typed as it is used, or as words', () => {
  expect(['/hours', ' / hours', 'opening hours', 'Öffnung_1'].map(toShortcut)).toEqual([
    'hours',
    'hours',
    'opening-hours',
    'Öffnung_1',
  ]);
  expect(['opening-hours', 'Öffnung_1', '', 'a/b', 'a'.repeat(41)].map(isShortcut)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
