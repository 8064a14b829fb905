// Says in which of Parley's three languages a message is written, or that it cannot tell. A detector of ours replaces the
// library behind this function later; see docs/decisions/2026-11-21-language-detector.md.

export type Language = 'en' | 'es' | 'pt';

export interface DetectedLanguage {
  readonly language: Language | 'unknown';
  /** The probability that `language` is right, 0 to 1; 0 where nothing could be read and no prior was given. */
  readonly confidence: number;
}

export type LanguageDetector = (text: string, prior?: DetectedLanguage) => DetectedLanguage;

/** Kept with each insight, so that what an older detector said can be told apart. */
export const languageModel = 'eld-small@2.1';

/**
 * Detects the language of one message. `prior` is what the conversation was in so far: it settles texts that say little
 * ("ok", "si", an emoji) and yields to a text that says enough. Loads the detector at its first call.
 */
export async function detectLanguage(text: string, prior?: DetectedLanguage): Promise<DetectedLanguage> {
  const detect = await loadLanguageDetector();
  return detect(text, prior);
}

let loading: Promise<LanguageDetector> | null = null;

/** The same as a plain function, for many texts at once. The 45 MB that it takes are paid once, by those who call it. */
export function loadLanguageDetector(): Promise<LanguageDetector> {
  loading ??= import('eld/small').then(({ eld }) => (text, prior) => {
    const evidence = readEvidence(text, (cleaned) => eld.detect(cleaned).getScores());
    return evidence === null ? (prior ?? UNKNOWN) : decide(evidence, prior ?? UNKNOWN);
  });
  return loading;
}

const LANGUAGES = ['en', 'es', 'pt'] as const;
const UNKNOWN: DetectedLanguage = { language: 'unknown', confidence: 0 };

// The five numbers below were chosen by a coarse grid on the dev parts of langid_messages, langid_tweets and langid_lingua.
const EVIDENCE_PER_NGRAM = 0.025;
const EVIDENCE_PER_COMMON_WORD = 1;
// First words of a chat: often the whole message, and nobody writes them in another language than their own.
const EVIDENCE_PER_GREETING = 3;
// Other languages are tried 57 times against once each for ours, so the best of them wins by chance on short texts.
const OTHER_HANDICAP = 2;
const CONFIDENCE_MIN = 0.5;

// What a prior can add at most: a sentence in another language outweighs it, "gracias" alone does too, "no" does not.
const PRIOR_SHARE_MAX = 0.9;

/** Log-likelihoods, up to a constant. */
type Evidence = Readonly<Record<Language | 'other', number>>;

// Links, addresses, names of accounts, numbers and codes.
const NOT_LANGUAGE = /^(?:https?:\/\/|www\.|#)|[@\p{N}]/iu;
const WORD = /\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)*/gu;
const TEXT_LENGTH_MAX = 1000;

function readEvidence(text: string, scoresOf: (text: string) => Record<string, number>): Evidence | null {
  const cleaned = text
    .slice(0, TEXT_LENGTH_MAX)
    .normalize('NFC')
    .replace(/\S+/g, (token) => (NOT_LANGUAGE.test(token) ? ' ' : token));
  const words = cleaned.toLowerCase().match(WORD);
  if (words === null) return null;
  const scores = scoresOf(cleaned);
  const ngrams = words.reduce((sum, word) => sum + Math.max(1, Math.ceil(Buffer.byteLength(word) / 3)), 0);
  // eld scales an average score per n-gram to s / (s + 25); this undoes it.
  const weigh = (score: number) => ((25 * score) / (1 - score)) * ngrams * EVIDENCE_PER_NGRAM;
  const otherScores = Object.entries(scores).filter(([language]) => !isOurs(language));
  const other = Math.max(0, ...otherScores.map(([, score]) => score));
  const of = (language: Language) =>
    weigh(scores[language] ?? 0) +
    commonWords(words, language) * EVIDENCE_PER_COMMON_WORD +
    words.filter((word) => GREETINGS[language].has(word)).length * EVIDENCE_PER_GREETING;
  return { en: of('en'), es: of('es'), pt: of('pt'), other: weigh(other) - OTHER_HANDICAP };
}

function isOurs(language: string): boolean {
  return LANGUAGES.some((ours) => ours === language);
}

function decide(evidence: Evidence, prior: DetectedLanguage): DetectedLanguage {
  const outcomes = [...LANGUAGES, 'other'] as const;
  const priorShare = Math.min(PRIOR_SHARE_MAX, Math.max(0.25, prior.confidence));
  const logPrior = (outcome: Language | 'other') => {
    if (prior.language === 'unknown') return 0;
    return Math.log(outcome === prior.language ? priorShare : (1 - priorShare) / 3);
  };
  const logs = outcomes.map((outcome) => evidence[outcome] + logPrior(outcome));
  const highest = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const best = outcomes[logs.indexOf(highest)] ?? 'other';
  const confidence = 1 / total;
  if (best === 'other' || confidence < CONFIDENCE_MIN) return { language: 'unknown', confidence };
  return { language: best, confidence };
}

// Words that carry a chat and that n-grams of news text know least. One that stands in several lists counts for none of
// them more than for another, so it is shared out.
const COMMON_WORDS = shareOut({
  en: `the a an and or but is are was were be been am i you he she it we they me him her us them my your his its our their
    this that these those what which who when where why how not do does did don't can't will would can could should have
    has had of to in on at for with from by about if then than so just there here please thanks thank hi hello hey yes yeah
    good morning want need get got know like open close today tomorrow time new all some any more up out now as i'm it's
    that's you're i'll what's`,
  es: `el la los las un una unos unas y o pero es son era fue ser estar está están estoy yo tú él ella usted ustedes
    nosotros ellos mi mis tu tus su sus nuestro este esta estos estas eso esto ese esa qué quién cuándo dónde cómo cuál
    cuánto por para con sin de del al en no sí si ya muy más también hay hola gracias buenos buenas días tardes noches favor
    quiero necesito tengo tiene puedo puede hacer cuando donde como porque me te se lo le les nos hoy mañana ayer ahora aquí
    abren cierran que nada todo siempre hasta bien`,
  pt: `o a os as um uma uns umas e ou mas é são era foi ser estar está estão estou eu você vocês ele ela nós eles elas meu
    minha meus minhas seu sua seus suas nosso este esta isso isto esse essa aquilo que quem quando onde como qual quanto por
    para com sem de do da dos das ao à em no na nos nas não sim se já muito mais também há olá oi obrigado obrigada bom boa
    dia tarde noite favor quero preciso tenho tem posso pode fazer porque me te lhe hoje amanhã ontem agora aqui abrem fecham
    nada tudo sempre até vou pra pro tá né vc pq ainda gente`,
});

const GREETINGS: Readonly<Record<Language, ReadonlySet<string>>> = {
  en: new Set(['hello', 'hi', 'hey', 'thanks', 'thank', 'please', 'yes']),
  es: new Set(['hola', 'gracias', 'buenas', 'sí']),
  pt: new Set(['olá', 'oi', 'obrigado', 'obrigada', 'sim', 'não']),
};

function shareOut(lists: Record<Language, string>): Map<string, Partial<Record<Language, number>>> {
  const owners = new Map<string, Language[]>();
  for (const language of LANGUAGES) {
    for (const word of new Set(lists[language].split(/\s+/))) {
      owners.set(word, [...(owners.get(word) ?? []), language]);
    }
  }
  return new Map(
    [...owners].map(([word, languages]) => [
      word,
      Object.fromEntries(languages.map((language) => [language, 1 / languages.length])),
    ]),
  );
}

function commonWords(words: readonly string[], language: Language): number {
  return words.reduce((sum, word) => sum + (COMMON_WORDS.get(word.replaceAll('’', "'"))?.[language] ?? 0), 0);
}
