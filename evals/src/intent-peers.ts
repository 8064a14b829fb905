// nlp.js on the same examples. It takes a minute and more for a large set, so it is measured only where `--peers` asks for it.

export interface PeerExample {
  readonly text: string;
  readonly label: string;
}

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
  const [{ dockStart }, { LangEs }, { LangPt }] = await Promise.all([
    import('@nlpjs/basic'),
    import('@nlpjs/lang-es'),
    import('@nlpjs/lang-pt'),
  ]);
  const dock = await dockStart({
    settings: {
      nlp: { languages: [language], forceNER: false, autoSave: false, autoLoad: false, nlu: { log: false } },
    },
    use: ['Basic', 'LangEn'],
  });
  for (const spoken of [LangEs, LangPt]) dock.getContainer().use(spoken);
  const nlp = dock.get('nlp');
  for (const { text, label } of examples) nlp.addDocument(language, text, label);
  await nlp.train();
  const answers: string[] = [];
  for (const text of texts) answers.push((await nlp.process(language, text)).intent);
  return answers;
}
