// Giving the assistant something to know: files first, and every other way behind one button.
import { useQueryClient } from '@tanstack/react-query';
import {
  ChevronDown,
  EyeOff,
  FileUp,
  Globe,
  MessageCircleQuestion,
  Network,
  Plus,
  TextQuote,
} from 'lucide-react';
import { useRef, useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { AddressForm } from './knowledge-address-form.tsx';
import { putNewSource } from './knowledge-queries.ts';
import { addUploads } from './knowledge-uploads.ts';
import { WrittenForm } from './knowledge-written-form.tsx';
import { knowledgeTexts } from './texts-knowledge.ts';

/** What a browser offers first; the server says what a file is by its bytes. */
const accepted = '.pdf,.docx,.md,.markdown,.txt,.html,.htm,.csv,.tsv,.json,.jsonl,text/*';

export function useGiveFiles(): (files: readonly File[], live?: boolean) => void {
  const client = useQueryClient();
  return (files, live = true) =>
    addUploads(files, { live, onTaken: (source) => putNewSource(client, source) });
}

/** @param isEmpty files are what fills an empty page: they have a button of their own */
export function AddKnowledge({ isEmpty }: { isEmpty: boolean }) {
  const texts = useTexts(knowledgeTexts);
  const giveFiles = useGiveFiles();
  const input = useRef<HTMLInputElement>(null);
  const [form, setForm] = useState<'text' | 'pair' | 'page' | 'sitemap' | null>(null);
  const close = () => setForm(null);
  const live = useRef(true);
  const chooseFiles = (use: boolean) => {
    live.current = use;
    input.current?.click();
  };
  const otherWays = [
    { label: texts.addHeldBack, icon: EyeOff, onSelect: () => chooseFiles(false) },
    { label: texts.addPage, icon: Globe, onSelect: () => setForm('page') },
    { label: texts.addSitemap, icon: Network, onSelect: () => setForm('sitemap') },
    { label: texts.addText, icon: TextQuote, onSelect: () => setForm('text') },
    { label: texts.addPair, icon: MessageCircleQuestion, onSelect: () => setForm('pair') },
  ];
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={accepted}
        aria-label={texts.addFiles}
        onChange={(event) => {
          giveFiles([...(event.target.files ?? [])], live.current);
          // The same file may be chosen again after it failed.
          event.target.value = '';
        }}
      />
      {isEmpty ? (
        <div className="flex flex-wrap justify-center gap-2">
          <Button data-stays variant="primary" icon={FileUp} onClick={() => chooseFiles(true)}>
            {texts.addFiles}
          </Button>
          <Menu
            trigger={
              <Button>
                {texts.otherWays}
                <ChevronDown size={16} aria-hidden="true" />
              </Button>
            }
            items={otherWays}
          />
        </div>
      ) : (
        <Menu
          align="end"
          trigger={
            <Button data-stays variant="primary" icon={Plus}>
              {texts.add}
            </Button>
          }
          items={[{ label: texts.addFiles, icon: FileUp, onSelect: () => chooseFiles(true) }, ...otherWays]}
        />
      )}
      {(form === 'text' || form === 'pair') && <WrittenForm kind={form} source={null} onClose={close} />}
      {(form === 'page' || form === 'sitemap') && <AddressForm kind={form} source={null} onClose={close} />}
    </>
  );
}
