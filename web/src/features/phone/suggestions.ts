// First texts for somebody who does not know what to ask, in the language of the handset's owner, not of the member.
import type { Handset } from '@parley/contract/phone';

export const suggestions: Readonly<Record<Handset['language'], readonly string[]>> = {
  en: [
    'What are your opening hours?',
    'How much is a birthday cake for 12?',
    'Do you have gluten-free bread?',
    'Can I talk to somebody?',
  ],
  es: [
    '¿A qué hora abren?',
    '¿Cuánto cuesta una tarta para 12 personas?',
    '¿Tienen pan sin gluten?',
    '¿Puedo hablar con una persona?',
  ],
  pt: [
    'Qual é o horário de vocês?',
    'Quanto custa um bolo para 12 pessoas?',
    'Vocês têm pão sem glúten?',
    'Posso falar com alguém?',
  ],
};

/** The word that ends it all, which carriers and the law know (https://www.ctia.org, messaging principles). */
export const stopWord = 'STOP';
