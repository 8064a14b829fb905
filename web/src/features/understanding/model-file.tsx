// A model of intents that comes from a file: the button that takes one, and what became of it.
import { CircleAlert, FileUp } from 'lucide-react';
import { useRef } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Progress } from '../../ui/progress.tsx';
import type { ModelUpload } from './model-upload.ts';
import { modelFileTexts } from './texts-model-file.ts';

interface UploadButtonProps {
  busy: boolean;
  disabled: boolean;
  onChosen: (file: File) => void;
}

export function UploadButton({ busy, disabled, onChosen }: UploadButtonProps) {
  const texts = useTexts(modelFileTexts);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept=".parley"
        aria-label={texts.upload}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) onChosen(file);
          // The same file may be chosen again after it failed.
          event.target.value = '';
        }}
      />
      <Button icon={FileUp} busy={busy} disabled={disabled} onClick={() => input.current?.click()}>
        {texts.upload}
      </Button>
    </>
  );
}

export function UploadState({ upload: { state, progress, code, message } }: { upload: ModelUpload }) {
  const texts = useTexts(modelFileTexts);
  if (state === 'none') return null;
  if (state === 'sending') {
    return (
      <div className="mb-4">
        <Progress value={progress} label={texts.uploading} />
      </div>
    );
  }
  const known: Readonly<Record<string, string>> = {
    'model_file.damaged': texts.damaged,
    'model_file.not_a_model': texts.foreign,
    'model_file.other_kind': texts.foreign,
    'model_file.other_shape': texts.foreign,
    'model_file.newer_format': texts.newer,
    body_too_large: texts.tooLarge,
  };
  return (
    <p role="alert" className="mb-4 flex gap-1.5 text-danger-text">
      <CircleAlert size={16} aria-hidden="true" className="mt-0.5 shrink-0" />
      {known[code] ?? (message || texts.lost)}
    </p>
  );
}
