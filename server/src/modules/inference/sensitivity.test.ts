import { detector, routingSettings } from '@parley/contract/routing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processorMs } from '../../../test/processor-time.ts';
import { labelOf, passesLuhn } from './sensitivity.ts';

const all = routingSettings.parse({ detectors: detector.options });
const foundIn = (text: string) => labelOf(all, 'normal', [text]).because;

describe('what is private in a text', () => {
  it.each([
    ['card', 'my card is 4111 1111 1111 1111 ok?'],
    ['card', '5555-5555-5555-4444'],
    ['card', 'amex 378282246310005'],
    ['card', '4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1'],
    ['card', '４１１１ １１１１ １１１１ １１１１'],
    ['card', '4111\u200b1111\u200b1111\u200b1111'],
    ['card', '٤١١١ ١١١١ ١١١١ ١١١١'],
    ['iban', 'paguen a ES91 2100 0418 4502 0005 1332 por favor'],
    ['iban', 'DE89370400440532013000'],
    ['iban', 'o meu IBAN é PT50000201231234567890154'],
    ['iban', 'at 18 ES91 2100 0418 4502 0005 1332'],
    ['national_id', 'SSN 536-22-1234'],
    ['national_id', 'mi DNI es 12345678Z'],
    ['national_id', 'NIE X1234567L'],
    ['national_id', 'CPF 529.982.247-25'],
    ['national_id', 'CNPJ 11.222.333/0001-81'],
    ['national_id', 'CURP GODE561231HDFRRN09'],
    ['email', 'write to ana.maria+x@example.co.uk'],
    ['phone', 'call +1 (555) 010-9999'],
    ['phone', 'liga 912 345 678'],
    ['health', 'I was diagnosed last week'],
    ['health', 'tengo síntomas desde ayer'],
    ['health', 'preciso do resultado do exame de sangue'],
    ['health', 'Estou GRÁVIDA'],
  ])('is found: %s in "%s"', (name, text) => {
    expect(foundIn(text)).toContain(name);
  });

  it.each([
    'When are you open?',
    'Abrimos de terça a sábado das 7h às 18h e no domingo das 8h às 13h.',
    'As 18h e no domingo das 8h as 13h. Na segunda-feira estamos fechados.',
    'Order 12345 costs 20 dollars, until 2026-11-21.',
    'My order number is 1234567890123456.',
    '¿Abren los domingos de 9 a 14?',
    'Quanto custa o pão de 500 g?',
    'We are 25 people, at 19:30.',
  ])('is not seen where there is nothing: %s', (text) => {
    expect(labelOf(all, 'normal', [text]).because.filter((name) => name !== 'phone')).toEqual([]);
  });

  it('is every card number that is right by Luhn, however it is parted and whatever stands around it', () => {
    const card = fc
      .tuple(
        fc.constantFrom('4', '51', '34', '6011'),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 11, maxLength: 11 }),
      )
      .map(([start, rest]) => {
        const body = `${start}${rest.join('')}`.slice(0, 15);
        const last = [...'0123456789'].find((digit) => passesLuhn(body + digit)) ?? '';
        return body + last;
      });
    const gap = fc.constantFrom('', ' ', '-', '.', ' - ', '\u00A0');
    const around = fc.stringMatching(/^[a-z ]{0,20}$/);
    fc.assert(
      fc.property(card, gap, around, around, (number, between, before, after) => {
        const parted = number.match(/.{1,4}/g)?.join(between);
        expect(foundIn(`${before} ${parted} ${after}`)).toContain('card');
      }),
      { numRuns: 500 },
    );
  });

  it('is what a conversation, a workspace or one of its words says', () => {
    const settings = routingSettings.parse({ privateWords: ['Proyecto Águila'], detectors: [] });
    expect(labelOf(settings, 'private', ['hi'])).toEqual({
      sensitivity: 'private',
      because: ['conversation'],
    });
    expect(labelOf(settings, 'normal', ['sobre el PROYECTO AGUILA.']).because).toEqual(['word']);
    expect(labelOf(settings, 'normal', ['proyecto aguilando', 'card 4111 1111 1111 1111']).sensitivity).toBe(
      'normal',
    );
    expect(labelOf({ ...settings, alwaysPrivate: true }, 'normal', ['hi']).because).toEqual(['workspace']);
  });

  it('is looked for in time that grows with the text, and no faster, in whatever somebody sends', () => {
    const times = 16;
    for (const part of ['1 ', 'a@', 'es91', '4', 'x1-']) {
      const text = part.repeat(Math.ceil(32_000 / part.length));
      const long = text.repeat(times);
      const spentMs = (look: () => void) => Math.min(...Array.from({ length: 3 }, () => processorMs(look)));
      const shortMs = spentMs(() => {
        for (let time = 0; time < times; time += 1) labelOf(all, 'normal', [text]);
      });
      const longMs = spentMs(() => labelOf(all, 'normal', [long]));
      // What looks back at all that it has read takes sixteen times as long for a text in one as for its parts.
      expect(longMs).toBeLessThan(6 * Math.max(shortMs, 10));
    }
  });
});
