// The built-in model's own words in three languages, and the small talk that it knows without any knowledge.
import type { PromptLanguage } from './prompt.ts';

export type SpokenLanguage = Exclude<PromptLanguage, 'unknown'>;

interface Phrases {
  readonly greeting: string;
  readonly thanks: string;
  readonly goodbye: string;
  /** Nothing fits, or a person is asked for. */
  readonly handOver: string;
  /** Some questions are answered above, others are not. */
  readonly handOverRest: string;
  /** Stands before a passage that is written in another language. */
  readonly lead: Readonly<Record<SpokenLanguage, string>>;
}

export const PHRASES: Readonly<Record<SpokenLanguage, Phrases>> = {
  en: {
    greeting: 'Hello! How can we help you?',
    thanks: "You're welcome! Write to us any time.",
    goodbye: 'Goodbye, and write to us any time.',
    handOver:
      "I don't have an answer to that, so I am passing you to a person on our team, who will reply here.",
    handOverRest: 'For the rest I am passing you to a person on our team, who will reply here.',
    lead: { en: '', es: 'What I have is in Spanish: ', pt: 'What I have is in Portuguese: ' },
  },
  es: {
    greeting: '¡Hola! ¿En qué podemos ayudarte?',
    thanks: '¡De nada! Escríbenos cuando quieras.',
    goodbye: '¡Hasta luego! Escríbenos cuando quieras.',
    handOver:
      'No tengo esa respuesta, por eso paso tu mensaje a una persona de nuestro equipo, que te responderá aquí.',
    handOverRest: 'Para lo demás paso tu mensaje a una persona de nuestro equipo, que te responderá aquí.',
    lead: { en: 'Lo que tengo está en inglés: ', es: '', pt: 'Lo que tengo está en portugués: ' },
  },
  pt: {
    greeting: 'Olá! Como podemos ajudar?',
    thanks: 'De nada! Escreva quando quiser.',
    goodbye: 'Até logo! Escreva quando quiser.',
    handOver:
      'Não tenho essa resposta, por isso passo sua mensagem a uma pessoa da nossa equipe, que responderá por aqui.',
    handOverRest: 'Para o restante passo sua mensagem a uma pessoa da nossa equipe, que responderá por aqui.',
    lead: { en: 'O que tenho está em inglês: ', es: 'O que tenho está em espanhol: ', pt: '' },
  },
};

export type SmallTalk = 'greeting' | 'thanks' | 'goodbye';

// Folded; longer ones first where one holds another. What is left of a message after taking them off must be nothing.
const SMALL_TALK: readonly (readonly [phrase: string, kind: SmallTalk, language: SpokenLanguage | null])[] = [
  ...phrases(
    'greeting',
    'en',
    'good morning|good afternoon|good evening|hello there|hi there|hey there|hello|hiya|hi|hey',
  ),
  ...phrases('greeting', 'es', 'buenos dias|buenas tardes|buenas noches|que tal|hola|buenas|saludos'),
  ...phrases('greeting', 'pt', 'bom dia|boa tarde|boa noite|tudo bem|tudo bom|ola|oie|oi'),
  ...phrases(
    'thanks',
    'en',
    'thank you so much|thank you very much|thanks a lot|many thanks|thank you|thanks|thx|ty',
  ),
  ...phrases('thanks', 'es', 'muchas gracias|muchisimas gracias|mil gracias|gracias'),
  ...phrases('thanks', 'pt', 'muito obrigado|muito obrigada|obrigado|obrigada|obg|valeu|brigado|brigada'),
  ...phrases('goodbye', 'en', 'goodbye|good bye|bye bye|bye|see you|good night'),
  ...phrases('goodbye', 'es', 'hasta luego|hasta pronto|hasta manana|adios|chao'),
  ...phrases('goodbye', 'pt', 'ate logo|ate mais|ate amanha|tchau'),
  ...phrases(
    'thanks',
    null,
    'ok|okay|okey|great|perfect|perfecto|perfeito|genial|vale|legal|otimo|cool|👍|🙏|❤|😊',
  ),
];

function phrases(
  kind: SmallTalk,
  language: SpokenLanguage | null,
  list: string,
): (readonly [string, SmallTalk, SpokenLanguage | null])[] {
  return list.split('|').map((phrase) => [phrase, kind, language] as const);
}

const SMALL_TALK_WORDS = new Set(SMALL_TALK.flatMap(([phrase]) => phrase.split(' ')));

/**
 * What a message is, where all of it is small talk: "Hola, buenos días!" is a greeting, "ok thanks" is thanks; null for
 * whatever else it says.
 */
export function readSmallTalk(message: string): { kind: SmallTalk; language: SpokenLanguage | null } | null {
  const folded = foldWords(message);
  if (folded.split(' ').some((word) => !SMALL_TALK_WORDS.has(word))) return null;
  let rest = ` ${folded} `;
  const found: { at: number; kind: SmallTalk; language: SpokenLanguage | null }[] = [];
  for (const [phrase, kind, language] of SMALL_TALK) {
    const at = rest.indexOf(` ${phrase} `);
    if (at === -1) continue;
    found.push({ at, kind, language });
    rest = rest.replaceAll(` ${phrase} `, ' ');
  }
  if (found.length === 0 || rest.trim() !== '') return null;
  // Thanks with anything around them are thanks; a goodbye after a greeting is one.
  const kind = (['thanks', 'goodbye', 'greeting'] as const).find((wanted) =>
    found.some(
      (part) => part.kind === wanted && (wanted !== 'thanks' || part.language !== null || found.length === 1),
    ),
  );
  const language = found.find((part) => part.language !== null)?.language ?? null;
  return { kind: kind ?? 'greeting', language };
}

// Asks for a person in so many words: no passage is a better answer.
const ASKS_FOR_PERSON = [
  /\b(talk|speak|chat|connect|transfer|put)\b.*\b(human|agent|person|someone|somebody|representative|manager|operator|owner)\b/,
  /\b(real|actual) (human|person)\b/,
  /\b(hablar|comunicarme|comunicar|pasar|pasame|atienda|contactar)\b.*\b(persona|humano|agente|alguien|encargado|encargada|gerente|operador)\b/,
  /\b(falar|conversar|atendimento|passar|transferir)\b.*\b(pessoa|humano|atendente|alguem|gerente|operador|responsavel)\b/,
  /^(human|agent|person|persona|humano|agente|atendente|representative|operator)$/,
];

export function asksForPerson(message: string): boolean {
  const folded = foldWords(message);
  return ASKS_FOR_PERSON.some((pattern) => pattern.test(folded));
}

const STARTS_ELLIPTIC = /^(and|or|but|what about|how about|also|y|e|o|ou|pero|mas|tambien|tambem|que tal)\b/;
const ELLIPTIC_WORDS_MAX = 4;

/** "And on Sunday?" says what it asks only together with the turn before it. */
export function isElliptic(message: string): boolean {
  const folded = foldWords(message);
  return STARTS_ELLIPTIC.test(folded) || folded.split(' ').length <= ELLIPTIC_WORDS_MAX;
}

export function foldWords(message: string): string {
  const folded = message.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (folded.match(/[\p{L}\p{N}]+|[👍🙏❤😊]/gu) ?? []).join(' ');
}
