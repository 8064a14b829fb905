// What people want from shops, services and personal numbers, in our words: intents are told apart before a workspace has
// given examples of its own.
import { english } from './en.ts';
import { spanish } from './es.ts';
import { portuguese } from './pt.ts';

export const starterIntents = [
  'greeting',
  'goodbye',
  'thanks',
  'affirm',
  'deny',
  'opening_hours',
  'address',
  'price',
  'availability',
  'order_status',
  'delivery',
  'return_or_refund',
  'change_order',
  'payment',
  'invoice',
  'discount',
  'book_appointment',
  'change_appointment',
  'cancel_appointment',
  'complaint',
  'human_agent',
  'opt_out',
  'call_back',
  'services',
  'wrong_number',
] as const;

export type StarterIntent = (typeof starterIntents)[number];

/** Of each intent, its phrasings between slashes. */
export type StarterPhrasings = Readonly<Record<StarterIntent, string>>;

const BY_LANGUAGE = { en: english, es: spanish, pt: portuguese } as const;

export interface StarterExample {
  readonly text: string;
  readonly label: StarterIntent;
  readonly language: keyof typeof BY_LANGUAGE;
}

/** Every phrasing as an example to learn from, language by language. */
export function starterExamples(): StarterExample[] {
  return (['en', 'es', 'pt'] as const).flatMap((language) =>
    starterIntents.flatMap((label) =>
      BY_LANGUAGE[language][label].split(' / ').map((text) => ({ text: text.trim(), label, language })),
    ),
  );
}
