// Reads the words by which a contact withdraws or gives consent, or asks for help, and holds what is answered to them.

export type OptOutKeyword = 'stop' | 'start' | 'help';
export type OptOutLanguage = 'en' | 'es' | 'pt';

/** Why we took a message for a keyword: kept as proof in the consent ledger. */
export interface KeywordProof {
  readonly keyword: OptOutKeyword;
  /** The list's own spelling of what the message said. */
  readonly word: string;
  /** Every language in which that word is one of the keyword's; most likely first. */
  readonly languages: readonly OptOutLanguage[];
}

// English: Twilio's standard keywords, https://help.twilio.com/articles/223134027, and those of CTIA's Messaging
// Principles 5.1.3. STOP, HELP and INFO are printed on notices in every language.
const KEYWORDS: Readonly<Record<OptOutKeyword, Readonly<Record<string, readonly OptOutLanguage[]>>>> = {
  stop: {
    STOP: ['en', 'es', 'pt'],
    'STOP ALL': ['en'],
    STOPALL: ['en'],
    UNSUBSCRIBE: ['en'],
    CANCEL: ['en'],
    END: ['en'],
    QUIT: ['en'],
    REVOKE: ['en'],
    OPTOUT: ['en'],
    'OPT OUT': ['en'],
    PARAR: ['es', 'pt'],
    PARE: ['pt', 'es'],
    CANCELAR: ['es', 'pt'],
    ALTO: ['es'],
    BAJA: ['es'],
    DETENER: ['es'],
    'DAR DE BAJA': ['es'],
    'DARME DE BAJA': ['es'],
    'DARSE DE BAJA': ['es'],
    'NO MAS': ['es'],
    'NO MAS MENSAJES': ['es'],
    DESUSCRIBIR: ['es'],
    DESUSCRIBIRME: ['es'],
    SAIR: ['pt'],
    REMOVER: ['pt'],
    DESCADASTRAR: ['pt'],
    DESINSCREVER: ['pt'],
    'CANCELAR INSCRICAO': ['pt'],
    'NAO QUERO MAIS MENSAGENS': ['pt'],
  },
  start: {
    START: ['en', 'es', 'pt'],
    UNSTOP: ['en'],
    INICIAR: ['es', 'pt'],
    EMPEZAR: ['es'],
    COMENZAR: ['es'],
    ALTA: ['es'],
    'DAR DE ALTA': ['es'],
    COMECAR: ['pt'],
    VOLTAR: ['pt'],
  },
  help: {
    HELP: ['en', 'es', 'pt'],
    INFO: ['en', 'es', 'pt'],
    AYUDA: ['es'],
    AJUDA: ['pt'],
  },
};

// Twilio opts in at YES; in a conversation a yes answers the question before it.
const YES: Readonly<Record<string, readonly OptOutLanguage[]>> = { YES: ['en'], SI: ['es'], SIM: ['pt'] };

const PROOFS = new Map(
  Object.entries(KEYWORDS).flatMap(([keyword, words]) =>
    Object.entries(words).map(([word, languages]): [string, KeywordProof] => [
      word,
      { keyword: keyword as OptOutKeyword, word, languages },
    ]),
  ),
);

/**
 * The keyword that the whole message is, whatever its case, accents, punctuation and emoji; null for every sentence that
 * merely holds such a word.
 */
export function readKeyword(body: string): KeywordProof | null {
  return PROOFS.get(bareWords(body)) ?? null;
}

/** A plain yes. It opts in only a contact who is opted out; from any other contact it is an ordinary message. */
export function readAmbiguousStart(body: string): KeywordProof | null {
  const word = bareWords(body);
  const languages = Object.hasOwn(YES, word) ? YES[word] : undefined;
  return languages === undefined ? null : { keyword: 'start', word, languages };
}

// A digit stays: "STOP 2" is not STOP. Letters spelled apart ("S.T.O.P.") are one word.
export function bareWords(body: string): string {
  const words =
    body
      .toUpperCase()
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.join(words.every((word) => word.length === 1) ? '' : ' ');
}

/** The language to confirm in: the conversation's where the keyword exists in it, else the keyword's own. */
export function confirmationLanguage(
  proof: KeywordProof,
  conversationLanguage: OptOutLanguage | 'unknown',
): OptOutLanguage {
  return proof.languages.find((language) => language === conversationLanguage) ?? proof.languages[0] ?? 'en';
}

/**
 * What is answered to a keyword; `{name}` is the workspace's public name. Worded without letters outside ASCII, so that
 * each is one GSM-7 segment with a plain name of up to 40 characters.
 */
export const optOutReplies: Readonly<Record<OptOutKeyword, Readonly<Record<OptOutLanguage, string>>>> = {
  stop: {
    en: '{name}: you are unsubscribed and will get no more messages. Reply START to hear from us again.',
    es: '{name}: te diste de baja. No te enviaremos nada. Responde START para volver.',
    pt: '{name}: seu cadastro foi cancelado. Nada mais chega de nossa parte. Responda START para voltar.',
  },
  start: {
    en: '{name}: you are subscribed again. Reply HELP for help, STOP to unsubscribe.',
    es: '{name}: vuelves a recibir mensajes. Responde AYUDA para ayuda o STOP para la baja.',
    pt: '{name}: suas mensagens voltaram. Responda AJUDA para ajuda ou STOP para sair.',
  },
  help: {
    en: '{name}: write your question and we will answer. Message and data rates may apply. Reply STOP to unsubscribe.',
    es: '{name}: escribe tu pregunta y te respondemos. Tu operador puede cobrar. Responde STOP para la baja.',
    pt: '{name}: escreva sua pergunta e respondemos. Sua operadora pode cobrar. Responda STOP para sair.',
  },
};
