// nlp.js on the same examples. It takes a minute and more for a large set, so it is measured only where `--peers` asks for it.

export interface PeerExample {
  readonly text: string;
  readonly label: string;
}

/** Each name is a container of its own: one that is asked for again still knows what it learned. */
let containers = 0;

/**
 * Trains it and asks it for every text.
 * @param language a code of ISO 639-1: `en`, `es` or `pt`
 * @returns the likeliest label of each text; `None` where it knows none
 */
export async function nlpJsAnswers(
  language: string,
  examples: readonly PeerExample[],
  texts: readonly string[],
): Promise<string[]> {
  // Loading it alone warns of what it is built with.
  const [{ dock }, { LangEs }, { LangPt }] = await Promise.all([
    import('@nlpjs/basic'),
    import('@nlpjs/lang-es'),
    import('@nlpjs/lang-pt'),
  ]);
  containers += 1;
  const container = await dock.createContainer(
    `container ${containers}`,
    {
      settings: {
        nlp: {
          languages: [language],
          forceNER: false,
          autoSave: false,
          autoLoad: false,
          nlu: { log: false },
        },
      },
      use: ['Basic', 'LangEn'],
    },
    false,
  );
  for (const spoken of [LangEs, LangPt]) container.use(spoken);
  const nlp = container.get('nlp');
  for (const { text, label } of examples) nlp.addDocument(language, text, label);
  await nlp.train();
  const answers: string[] = [];
  for (const text of texts) answers.push((await nlp.process(language, text)).intent);
  return answers;
}
