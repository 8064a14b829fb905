// What makes a text private: everything, what is recognised in it, or words of the workspace's own.
import { detector, type RoutingSettings } from '@parley/contract/routing';
import { type FormEvent, useRef, useState } from 'react';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Switch } from '../../ui/switch.tsx';
import { useChangeRouting } from './routing-queries.ts';
import { routingTexts } from './texts-routing.ts';

export function Privacy({ settings }: { settings: RoutingSettings }) {
  const texts = useTexts(routingTexts);
  const mayManage = useCan('assistant:manage');
  const change = useChangeRouting();
  const { alwaysPrivate, detectors } = settings;
  return (
    <div className="flex max-w-measure flex-col gap-5">
      <Switch
        label={texts.alwaysPrivate}
        hint={texts.alwaysPrivateHint}
        checked={alwaysPrivate}
        disabled={!mayManage}
        onChange={(next) => change({ alwaysPrivate: next })}
      />
      {!alwaysPrivate && (
        <>
          <fieldset>
            <legend className="mb-2 font-medium">{texts.detectors}</legend>
            <div className="grid grid-cols-2 gap-x-8 gap-y-2.5 phone:grid-cols-1 phone:gap-y-5">
              {detector.options.map((one) => (
                <Switch
                  key={one}
                  label={texts[one]}
                  checked={detectors.includes(one)}
                  disabled={!mayManage}
                  onChange={(on) =>
                    change({
                      detectors: on ? [...detectors, one] : detectors.filter((each) => each !== one),
                    })
                  }
                />
              ))}
            </div>
          </fieldset>
          <Words settings={settings} />
          <Switch
            label={texts.inKnowledge}
            hint={texts.inKnowledgeHint}
            checked={settings.detectsInKnowledge}
            disabled={!mayManage}
            onChange={(next) => change({ detectsInKnowledge: next })}
          />
        </>
      )}
    </div>
  );
}

function Words({ settings: { privateWords } }: { settings: RoutingSettings }) {
  const texts = useTexts(routingTexts);
  const mayManage = useCan('assistant:manage');
  const change = useChangeRouting();
  const [word, setWord] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const trimmed = word.trim();
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (trimmed.length < 2) return;
    if (!privateWords.includes(trimmed)) change({ privateWords: [...privateWords, trimmed] });
    setWord('');
  };
  return (
    <div>
      {mayManage && (
        <form onSubmit={add} className="flex items-start gap-2">
          <Field label={texts.words} hint={texts.wordsHint} className="grow">
            <Input
              ref={field}
              value={word}
              maxLength={100}
              onChange={(event) => setWord(event.target.value)}
            />
          </Field>
          <Button type="submit" disabled={trimmed.length < 2} className="mt-6">
            {texts.addWord}
          </Button>
        </form>
      )}
      {privateWords.length > 0 && (
        <ul
          aria-label={texts.words}
          className="mt-3 flex flex-wrap gap-1.5 phone:mt-5 phone:gap-x-4 phone:gap-y-5.5"
        >
          {privateWords.map((one) => (
            <li key={one} className="max-w-full">
              {mayManage ? (
                <Chip
                  removeLabel={texts.removeWord(one)}
                  onRemove={() => {
                    change({ privateWords: privateWords.filter((each) => each !== one) });
                    field.current?.focus();
                  }}
                >
                  {one}
                </Chip>
              ) : (
                <Chip>{one}</Chip>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
