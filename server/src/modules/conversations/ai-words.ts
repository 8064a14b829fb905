// Reads the words by which a contact refuses to be answered by a machine, or agrees to it again. Pure.
import type { AiConsentState } from '@parley/contract/ai-consent';
import { bareWords, type OptOutLanguage } from './opt-out.ts';

export interface AiProof {
  readonly consent: Exclude<AiConsentState, 'unknown'>;
  /** The list's own spelling of what the message said. */
  readonly word: string;
  readonly language: OptOutLanguage;
}

const words: Readonly<Record<AiProof['consent'], Readonly<Record<OptOutLanguage, readonly string[]>>>> = {
  refused: {
    en: ['NO AI', 'NO BOT', 'NO BOTS', 'NO ROBOT', 'NO ROBOTS', 'STOP AI', 'WITHOUT AI'],
    es: ['SIN IA', 'NO IA', 'SIN BOT', 'SIN ROBOT', 'SIN ROBOTS'],
    pt: ['SEM IA', 'NAO IA', 'SEM BOT', 'SEM ROBO', 'SEM ROBOS'],
  },
  granted: {
    en: ['YES AI', 'AI OK', 'START AI', 'WITH AI'],
    es: ['CON IA', 'SI IA', 'CON BOT'],
    pt: ['COM IA', 'SIM IA', 'COM BOT'],
  },
};

const proofs = new Map(
  Object.entries(words).flatMap(([consent, lists]) =>
    Object.entries(lists).flatMap(([language, list]) =>
      list.map((word): [string, AiProof] => [
        word,
        { consent: consent as AiProof['consent'], word, language: language as OptOutLanguage },
      ]),
    ),
  ),
);

/** What the whole message says of being answered by a machine, whatever its case, accents and punctuation; null otherwise. */
export function readAiWords(body: string): AiProof | null {
  return proofs.get(bareWords(body)) ?? null;
}

/** What is answered; `{name}` is the workspace's public name. Without letters outside ASCII: one segment each. */
export const aiReplies: Readonly<Record<AiProof['consent'], Readonly<Record<OptOutLanguage, string>>>> = {
  refused: {
    en: '{name}: from now on a person answers you, not our assistant. Reply YES AI to change that.',
    es: '{name}: desde ahora te responde una persona, no el asistente. Responde CON IA para cambiarlo.',
    pt: '{name}: de agora em diante uma pessoa responde, sem assistente. Responda COM IA para mudar isso.',
  },
  granted: {
    en: '{name}: our assistant may answer you again. Reply NO AI to be answered by a person.',
    es: '{name}: el asistente puede responderte de nuevo. Responde SIN IA para hablar con una persona.',
    pt: '{name}: o assistente pode responder de novo. Responda SEM IA para falar com uma pessoa.',
  },
};
