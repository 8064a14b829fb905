import { describe, expect, it } from 'vitest';
import { pairsIn, type SaidMessage } from './pairs.ts';
import { personalIn } from './personal.ts';
import { asksTheSame, readAsked } from './same-question.ts';

const start = Date.UTC(2026, 10, 20, 10);
const thread = (...lines: string[]): SaidMessage[] =>
  lines.map((line, at) => {
    const by = { c: 'contact', m: 'member', a: 'other' }[line[0] ?? ''] as SaidMessage['by'];
    return {
      id: String(at),
      by,
      senderId: by === 'member' ? 'ana' : null,
      text: line.slice(3),
      hasMedia: false,
      at: new Date(start + at * 60_000),
    };
  });
const found = (...lines: string[]) =>
  pairsIn(thread(...lines)).map(({ question, answer }) => [question, answer]);

describe('a pair', () => {
  it('is a contact’s question with the answer that a member wrote, without greetings', () => {
    expect(
      found(
        'c: Hi!',
        'c: hello, do you ship to Spain?',
        'm: Hi Maria, yes: we ship to all of Europe.',
        'm: It costs 9 euros.',
      ),
    ).toEqual([['Do you ship to Spain?', 'Yes: we ship to all of Europe.\nIt costs 9 euros.']]);
    expect(found('c: ¿Tienen aparcamiento?', 'm: ¡Sí! Hay aparcamiento gratis detrás.')).toHaveLength(1);
    expect(
      found('c: vocês fazem entregas aos domingos', 'm: Não, aos domingos não entregamos.'),
    ).toHaveLength(1);
    expect(found('c: quanto custa a entrega', 'm: A entrega custa 5 reais na cidade.')).toHaveLength(1);
  });

  it('is found behind the sentence that a person will reply, and behind what only stalls', () => {
    expect(
      found(
        'c: Can my dog come along?',
        'a: A person will reply here.',
        'c: ok thanks',
        'm: One moment please!',
        'm: Dogs are welcome on the terrace. Anything else?',
      ),
    ).toEqual([['Can my dog come along?', 'Dogs are welcome on the terrace.']]);
  });

  it('is not made of two questions, of a question in return, of an answer to nothing, or of a short word', () => {
    expect(found('c: Do you deliver?', 'c: Do you have parking?', 'm: Yes, we do both of that.')).toEqual([]);
    expect(found('c: Do you deliver?', 'm: Where to exactly?')).toEqual([]);
    expect(found('c: That was great food', 'm: We are happy that you liked the food.')).toEqual([]);
    expect(found('c: Do you deliver?', 'm: Yes!')).toEqual([]);
    expect(found('c: Do you deliver?', 'a: Yes, in the whole city for 5 dollars.')).toEqual([]);
  });
});

describe('personal is', () => {
  const known = { names: ['Maria Ortega', '+34 600 111 222'], privateWords: ['Falcon'] };
  const reason = (question: string, answer: string) => personalIn({ question, answer }, known);
  const general = 'Do you have parking?';

  it.each([
    ['name', general, 'Yes Maria, behind the building.'],
    ['name', 'My name is Joe. Do you have parking?', 'Yes, behind the building.'],
    ['name', general, 'Mrs. Jones has a place behind the building.'],
    ['number', general, 'Order 4411 is parked behind the building.'],
    ['number', general, 'Use the code XK49210 at the gate.'],
    ['number', general, 'See https://parking.example/?user=maria'],
    ['contact_data', general, 'Call Pete on +1 555 123 4567 for the gate.'],
    ['contact_data', general, 'Write to ana@parking.example for the gate.'],
    ['contact_data', 'Is there room for the Falcon?', 'Behind the building.'],
    ['contact_data', general, 'Pay with 4111 1111 1111 1111 at the gate.'],
    ['moment', 'When can I come?', 'Come tomorrow at 10, behind the building.'],
    ['moment', '¿Cuándo puedo ir?', 'El 12 de marzo a las 10, detrás del edificio.'],
    ['moment', 'Quando posso passar?', 'Pode ser amanhã de manhã, atrás do prédio.'],
    ['own_matter', 'Has my order left?', 'It left from the warehouse in Madrid.'],
    ['own_matter', '¿Qué tal va?', 'Tu pedido ha salido del almacén de Madrid.'],
    ['promise', general, 'I will ask a colleague about the parking.'],
    ['promise', '¿Hay aparcamiento?', 'Voy a preguntar a un compañero.'],
    ['health', 'I have diabetes. Can I eat the cake?', 'The cake has 30 grams of sugar.'],
  ])('%s: %s %s', (because, question, answer) => {
    expect(reason(question, answer)).toBe(because);
  });

  it.each([
    [general, 'Yes, free parking behind the building, 24/7.'],
    ['When are you open?', 'Monday to Friday from 9:00 to 18:30, on Saturday until 14 h.'],
    ['How do I return my order?', 'You have 30 days. Send it back in its box, we pay for that.'],
    ['¿Abrís los domingos?', 'No, los domingos cerramos. El sábado abrimos por la mañana.'],
    ['Quanto custa a entrega?', 'A entrega custa 5 reais e leva de 2 a 3 dias.'],
    ['Do you treat diabetes?', 'Yes, our clinic treats adults and children.'],
  ])('nothing: %s %s', (question, answer) => {
    expect(reason(question, answer)).toBeNull();
  });
});

describe('a question', () => {
  const same = (left: string, right: string) => asksTheSame(readAsked(left), readAsked(right));

  it.each([
    ['Can my dog come along?', 'May I bring my dog?'],
    ['Can my dog come along?', 'Are dogs allowed inside?'],
    ['How much is a haircut?', 'What does a haircut cost?'],
    ['Do you ship to Spain?', 'Is it possible to ship to Spain?'],
    ['¿Cuánto cuesta el envío?', '¿Qué precio tiene el envío?'],
    ['Posso levar meu cachorro?', 'Vocês aceitam cachorro?'],
  ])('is the same in other words: %s %s', (left, right) => {
    expect(same(left, right)).toBe(true);
  });

  it.each([
    ['Can my dog come along?', 'Can my cat come along?'],
    ['Can my dog come along?', 'How much is a dog?'],
    ['Do you ship to Spain?', 'Do you ship to France?'],
    ['Do you ship?', 'Do you ship to Spain?'],
    ['When do you open on Sunday?', 'When do you open on Monday?'],
    ['When do you open on Sunday?', 'When do you close on Sunday?'],
    ['Do you have size 42 in red?', 'Do you have size 43 in red?'],
    ['¿Hacen envíos a Canarias?', '¿Hacen envíos a Mallorca?'],
  ])('is another one: %s %s', (left, right) => {
    expect(same(left, right)).toBe(false);
  });
});
