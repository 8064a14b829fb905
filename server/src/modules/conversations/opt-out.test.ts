import fc from 'fast-check';
import { expect, test } from 'vitest';
import { confirmationLanguage, optOutReplies, readAmbiguousStart, readKeyword } from './opt-out.ts';

const words = {
  stop: [
    ...['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT', 'opt out', 'opt-out'],
    ...['PARAR', 'ALTO', 'BAJA', 'CANCELAR', 'DETENER', 'dar de baja', 'no más', 'no mas'],
    ...['PARE', 'SAIR', 'REMOVER', 'DESCADASTRAR', 'cancelar inscrição'],
  ],
  start: ['START', 'UNSTOP', 'INICIAR', 'EMPEZAR', 'ALTA', 'COMEÇAR', 'comecar', 'VOLTAR'],
  help: ['HELP', 'INFO', 'AYUDA', 'AJUDA'],
};
const keywordAndWord = fc.constantFrom(
  ...Object.entries(words).flatMap(([keyword, list]) => list.map((word) => ({ keyword, word }))),
);

test('every keyword of the three languages is read, with its proof', () => {
  for (const [keyword, list] of Object.entries(words)) {
    for (const word of list) expect(readKeyword(word), word).toMatchObject({ keyword });
  }
  expect(readKeyword(' ¡Détener! 🛑')).toEqual({ keyword: 'stop', word: 'DETENER', languages: ['es'] });
  expect(readKeyword('S.T.O.P.')).toEqual({ keyword: 'stop', word: 'STOP', languages: ['en', 'es', 'pt'] });
  expect(readKeyword('ＳＴＯＰ')).toMatchObject({ word: 'STOP' });
});

test('a sentence that holds a keyword is no keyword', () => {
  for (const sentence of [
    'stop by at 5',
    'please stop texting my old number',
    'where does the tour end?',
    'can I cancel my order',
    'start without me',
    'quiero cancelar mi pedido',
    'a que horas posso parar ai',
    'do you have info on prices',
    'stopped',
    'STOP 2',
    '',
    '🛑',
    '...',
  ]) {
    expect(readKeyword(sentence), sentence).toBeNull();
  }
});

test('a yes is no keyword, only an opt-in for those who are opted out', () => {
  for (const [body, language] of [
    ['Yes!', 'en'],
    ['sí', 'es'],
    ['SIM 👍', 'pt'],
  ]) {
    expect(readKeyword(body ?? '')).toBeNull();
    expect(readAmbiguousStart(body ?? '')).toMatchObject({ keyword: 'start', languages: [language] });
  }
  expect(readAmbiguousStart('yes please')).toBeNull();
  expect(readAmbiguousStart('constructor')).toBeNull();
});

test('case, accents and what stands around a keyword change nothing', () => {
  const noise = fc.array(fc.constantFrom(' ', '\n', '!', '.', '¡', '"', '“', '👍', '🛑', '\u200B', '*'), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(
      keywordAndWord,
      noise,
      noise,
      fc.infiniteStream(fc.boolean()),
      ({ keyword, word }, before, after, upper) => {
        const written = [...word].map((letter) =>
          upper.next().value ? letter.toUpperCase() : letter.toLowerCase(),
        );
        const body = `${before.join('')}${written.join('')}${after.join('')}`;
        expect(readKeyword(body)).toMatchObject({ keyword });
      },
    ),
  );
});

test('one more word, before or after, makes an ordinary message of it', () => {
  const word = fc.stringMatching(/^[a-z]{5,9}[0-9]$/);
  fc.assert(
    fc.property(keywordAndWord, word, fc.boolean(), ({ word: keyword }, other, first) => {
      expect(readKeyword(first ? `${other} ${keyword}` : `${keyword} ${other}`)).toBeNull();
    }),
  );
});

test('any text at all is read without an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (body) => {
      const proof = readKeyword(body);
      expect(proof === null || proof.languages.length > 0).toBe(true);
    }),
  );
});

test("the confirmation is in the conversation's language where the keyword exists in it", () => {
  const stop = readKeyword('stop');
  const parar = readKeyword('parar');
  const sair = readKeyword('sair');
  if (stop === null || parar === null || sair === null) throw new Error('keywords are missing');
  expect(confirmationLanguage(stop, 'es')).toBe('es');
  expect(confirmationLanguage(stop, 'unknown')).toBe('en');
  expect(confirmationLanguage(parar, 'pt')).toBe('pt');
  expect(confirmationLanguage(parar, 'en')).toBe('es');
  expect(confirmationLanguage(sair, 'es')).toBe('pt');
});

test('each confirmation names the workspace and the way back, and fits one segment', () => {
  for (const [keyword, replies] of Object.entries(optOutReplies)) {
    for (const reply of Object.values(replies)) {
      const sent = reply.replace('{name}', 'A'.repeat(40));
      expect(sent).toMatch(/^A{40}: [ -Z_a-z]+$/);
      expect(sent).toContain(keyword === 'stop' ? 'START' : 'STOP');
      expect(sent.length).toBeLessThanOrEqual(160);
    }
  }
});
