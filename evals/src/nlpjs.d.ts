declare module '@nlpjs/basic' {
  interface Nlp {
    addDocument(language: string, text: string, intent: string): void;
    train(): Promise<void>;
    process(language: string, text: string): Promise<{ readonly intent: string }>;
  }
  interface Container {
    get(name: 'nlp'): Nlp;
    use(plugin: unknown): void;
  }
  export const dock: {
    createContainer(name: string, settings: object, loadsEnvironment: boolean): Promise<Container>;
  };
}
declare module '@nlpjs/lang-es' {
  export const LangEs: unknown;
}
declare module '@nlpjs/lang-pt' {
  export const LangPt: unknown;
}
