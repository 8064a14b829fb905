import { afterEach, expect, test } from 'vitest';
import { errorInWords } from './error-words.ts';
import { useScreen } from './store.ts';

afterEach(() => useScreen.setState({ language: null }));

test('a refusal is told in the member’s language; English, and what no words are known for, is the server’s own', () => {
  const said = 'They are a member of this workspace already.';
  useScreen.setState({ language: 'es' });
  expect(errorInWords('member_exists', said)).toBe('Ya es miembro de este espacio.');
  expect(errorInWords('constructor', said)).toBe(said);
  useScreen.setState({ language: 'pt' });
  expect(errorInWords('member_exists', said)).toBe('Já é membro deste espaço.');
  useScreen.setState({ language: 'en' });
  expect(errorInWords('member_exists', said)).toBe(said);
});

test('what a role may not is said as a person says it, in English too, and not with the name of a permission', () => {
  useScreen.setState({ language: 'en' });
  expect(errorInWords('forbidden', 'This needs the permission conversations:read.')).toBe(
    'Your role does not allow this.',
  );
  const more = 'Only owners export the whole workspace: that needs the permission workspace:export.';
  expect(errorInWords('forbidden', more)).toBe(more);
});
