// What stands where nothing was said yet: what the assistant is for, and a few ways to begin.
import { Sparkle } from 'lucide-react';
import { useTexts } from '../../lib/texts.ts';
import { chatTexts } from './texts.ts';

export function Welcome({ onChoose }: { onChoose: (text: string) => void }) {
  const texts = useTexts(chatTexts);
  const suggestions = [texts.suggestKnowledge, texts.suggestReply, texts.suggestFile, texts.suggestTranslate];
  return (
    <div className="mx-auto flex min-h-full w-full max-w-[40rem] flex-col justify-center px-6 py-10 phone:px-4">
      <Sparkle size={28} strokeWidth={1.5} aria-hidden="true" className="mb-3 text-accent-text" />
      <h2 className="font-semibold text-heading">{texts.welcome}</h2>
      <p className="mt-1 max-w-measure text-text-muted">{texts.welcomeText}</p>
      <ul aria-label={texts.suggestions} className="mt-6 grid grid-cols-2 gap-2 phone:grid-cols-1">
        {suggestions.map((suggestion) => (
          <li key={suggestion}>
            <button
              type="button"
              className="h-full w-full rounded-panel border border-line bg-surface-raised px-4 py-3 text-left transition-colors duration-[120ms] hover:bg-surface-hover phone:min-h-11"
              onClick={() => onChoose(suggestion)}
            >
              {suggestion}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
