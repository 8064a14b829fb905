// Puts a text where it can be pasted from, and says that it is there.
import { currentTexts } from '../../lib/texts.ts';
import { toast } from '../../ui/toast.tsx';
import { chatTexts } from './texts.ts';

export async function copyText(text: string): Promise<void> {
  const texts = currentTexts(chatTexts);
  try {
    await navigator.clipboard.writeText(text);
    toast({ text: texts.copied, durationMs: 2000 });
  } catch {
    toast({ text: texts.copyFailed, tone: 'danger' });
  }
}
