declare module '@nlpjs/basic' {
  interface Nlp {
    addDocument(language: string, text: string, intent: string): void;
    train(): Promise<void>;
    process(language: string, text: string): Promise<{ readonly intent: string }>;
  }
  interface Dock {
    get(name: 'nlp'): Nlp;
    getContainer(): { use(plugin: unknown): void };
  }
  export function dockStart(options: object): Promise<Dock>;
}
declare module '@nlpjs/lang-es' {
  export const LangEs: unknown;
}
declare module '@nlpjs/lang-pt' {
  export const LangPt: unknown;
}
