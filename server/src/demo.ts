// The demo's story: Harbour Bakery, a small bakery by a harbour that answers texts in the languages of its customers.

import type { Handset } from '@parley/contract/phone';

export interface DemoStory {
  readonly workspaceName: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** From the range that North America keeps for fiction (555-0100 to 555-0199). */
  readonly phoneNumber: string;
  readonly channelName: string;
  readonly persona: string;
  /** The phone's: people who text the shop. */
  readonly handsets: readonly Handset[];
  readonly texts: readonly { readonly title: string; readonly content: string }[];
}

export const demoStory: DemoStory = {
  workspaceName: 'Harbour Bakery',
  country: 'US',
  phoneNumber: '+12025550142',
  channelName: 'The shop’s number',
  persona:
    'You answer for Harbour Bakery, a small family bakery by the harbour. Be warm, brief and exact. When you do not know something, say so and that a colleague will answer.',
  handsets: [
    { number: '+12025550111', name: 'Emma', language: 'en' },
    { number: '+12025550122', name: 'Lucía', language: 'es' },
    { number: '+12025550133', name: 'João', language: 'pt' },
  ],
  texts: [
    {
      title: 'Harbour Bakery: questions and answers',
      content: `What are your opening hours? When are you open?
We are open Tuesday to Saturday from 7 am to 6 pm and on Sunday from 8 am to 1 pm. On Monday we are closed.

What about public holidays?
On public holidays we open from 8 am to noon. On Christmas Day and New Year's Day we stay closed.

Where are you? What is your address?
14 Quay Street, right by the ferry landing. The blue door with the anchor. Free parking is behind the house.

Do you deliver?
Yes, within 5 miles, Tuesday to Saturday between 8 am and noon. Delivery costs $4 and is free from $40.

How can I order a cake?
Text us the day, the number of people and the flavour at least 48 hours ahead. Wedding cakes need two weeks. We confirm with a price, and take a deposit of 30 percent.

How much does a birthday cake cost?
A birthday cake for 8 people is $38, for 12 people $52. A name on it is free.

How much is a loaf of bread?
Sourdough is $7, rye $6.50, a baguette $3.20. A croissant is $3.50 and a cinnamon roll $4.

Do you have gluten-free bread?
Yes, on Wednesday and Saturday, baked first thing in cleaned ovens. We also work with wheat, so we cannot promise that it is free of traces.

What about allergies? Which products contain nuts, milk or eggs?
Our croissants contain milk and eggs, the almond rolls contain nuts, the brioche contains milk and eggs. Sourdough, rye and baguette contain neither milk, eggs nor nuts. Everything is baked in one kitchen, so traces are possible.

Do you have anything vegan?
All breads, the olive focaccia and the apple turnovers are vegan.

How can I pay?
Cash, all cards, Apple Pay and Google Pay. Companies can pay by invoice within 14 days.

Can I cancel or change an order?
Yes, free of charge until 24 hours before pick-up. After that we keep the deposit.

Do you hire? Are there jobs?
We look for a baker for the early shift. Send a few lines to jobs@harbourbakery.example.`,
    },
    {
      title: 'Harbour Bakery: preguntas y respuestas',
      content: `¿Cuál es el horario? ¿A qué hora abren?
Abrimos de martes a sábado de 7 a 18 horas y los domingos de 8 a 13. Los lunes cerramos.

¿Dónde están? ¿Cuál es la dirección?
En Quay Street 14, junto al embarcadero del ferry. La puerta azul con el ancla.

¿Hacen envíos a domicilio?
Sí, hasta 8 kilómetros, de martes a sábado entre las 8 y las 12. El envío cuesta 4 dólares y es gratis a partir de 40.

¿Cómo puedo encargar una tarta?
Escríbanos el día, el número de personas y el sabor con al menos 48 horas de antelación. Las tartas de boda necesitan dos semanas.

¿Cuánto cuesta una tarta de cumpleaños?
Para 8 personas cuesta 38 dólares, para 12 personas 52. El nombre es gratis.

¿Tienen pan sin gluten?
Sí, los miércoles y los sábados. También trabajamos con trigo, así que puede haber trazas.

¿Qué productos tienen alérgenos como nueces, leche o huevo?
Los cruasanes y el brioche llevan leche y huevo, los rollos de almendra llevan frutos secos. Los panes no llevan ninguno de los tres, pero puede haber trazas.

¿Cómo puedo pagar?
En efectivo, con cualquier tarjeta, Apple Pay o Google Pay.`,
    },
    {
      title: 'Harbour Bakery: perguntas e respostas',
      content: `Qual é o horário? A que horas abrem?
Abrimos de terça a sábado das 7h às 18h e no domingo das 8h às 13h. Na segunda-feira estamos fechados.

Onde ficam? Qual é o endereço?
Na Quay Street, 14, ao lado do cais da balsa. A porta azul com a âncora.

Fazem entregas?
Sim, até 8 quilômetros, de terça a sábado entre 8h e meio-dia. A entrega custa 4 dólares e é grátis a partir de 40.

Como posso encomendar um bolo?
Mande uma mensagem com o dia, o número de pessoas e o sabor com pelo menos 48 horas de antecedência. Bolos de casamento precisam de duas semanas.

Quanto custa um bolo de aniversário?
Para 8 pessoas custa 38 dólares, para 12 pessoas 52. O nome é grátis.

Vocês têm pão sem glúten?
Sim, às quartas e aos sábados. Também trabalhamos com trigo, por isso pode haver vestígios.

Quais produtos têm alérgenos como nozes, leite ou ovos?
Os croissants e o brioche levam leite e ovos, os rolinhos de amêndoa levam nozes. Os pães não levam nenhum dos três, mas pode haver vestígios.

Como posso pagar?
Em dinheiro, com qualquer cartão, Apple Pay ou Google Pay.`,
    },
  ],
};
