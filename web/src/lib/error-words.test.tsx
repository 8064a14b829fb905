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
