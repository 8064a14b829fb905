// The stories of the demo's contacts: what they texted the shop, and what the shop did. Each shows one thing that happens
// in an inbox.
import type { ChangeConversation } from '@parley/contract/conversations';

export type StoryStep =
  /** The contact texts; `answered`: the assistant is to have its turn before the story goes on. */
  | { readonly contact: string; readonly answered: boolean }
  | { readonly member: string }
  | { readonly note: string }
  | { readonly change: ChangeConversation };

export interface Story {
  /** E.164. */
  readonly number: string;
  readonly name: string;
  readonly steps: readonly StoryStep[];
}

const asks = (contact: string): StoryStep => ({ contact, answered: true });
const says = (contact: string): StoryStep => ({ contact, answered: false });

export const demoStories: readonly Story[] = [
  {
    number: '+12025550111',
    name: 'Emma Clarke',
    steps: [
      asks('Hi! What are your opening hours on Saturday?'),
      asks('Great. And do you have gluten-free bread?'),
    ],
  },
  {
    number: '+12025550122',
    name: 'Lucía Ortega',
    steps: [asks('Hola, ¿hacen envíos a domicilio?'), asks('Perfecto. ¿Cómo puedo pagar?')],
  },
  {
    number: '+12025550133',
    name: 'João Almeida',
    steps: [asks('Oi! Quanto custa um bolo de aniversário?'), asks('Obrigado!')],
  },
  {
    // Nothing in the knowledge answers it: the assistant says so, and a person is asked to look.
    number: '+12025550147',
    name: 'Marcus Webb',
    steps: [
      asks('Hello, we rent your espresso machine and it leaks since this morning. When can you repair it?'),
    ],
  },
  {
    number: '+12025550158',
    name: 'Carmen Ruiz',
    steps: [
      asks('Buenas tardes. ¿Cómo puedo encargar una tarta?'),
      {
        member:
          'Hola, soy Rosa, la pastelera. ¿Es para una boda? ¿Para qué día y para cuántas personas? El jueves a las 16 h puede probar los sabores.',
      },
      says('Sí, de boda, para 80 personas, el 12 de junio. El jueves me va muy bien, muchas gracias.'),
      { note: 'Tasting on Thursday at 4 pm. She asked for lemon on the phone: have two fillings ready.' },
    ],
  },
  {
    number: '+12025550163',
    name: 'Grace Liu',
    steps: [asks('How much is a loaf of sourdough?'), { change: { status: 'archived' } }],
  },
  {
    number: '+12025550174',
    name: 'Rafael Souza',
    steps: [asks('Quais produtos levam nozes?'), says('SAIR')],
  },
  {
    // A number that the simulated carrier knows as a landline.
    number: '+15005553006',
    name: 'Walter Briggs',
    steps: [{ member: 'Hello Walter, your two loaves of rye are ready. We are open until 6 pm today.' }],
  },
  {
    number: '+12025550185',
    name: 'Beatriz Nunes',
    steps: [
      { member: 'Olá Beatriz, o seu bolo para sábado está confirmado: 12 pessoas, chocolate, 52 dólares.' },
      { change: { owner: { kind: 'assistant' }, assistantPolicy: 'draft' } },
      asks('Que bom! Como posso pagar?'),
    ],
  },
];
