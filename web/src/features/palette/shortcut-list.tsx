// What the keyboard does here and now, by where it holds.
import { useShortcuts } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ShortcutScopes } from './shortcut-scopes.tsx';
import { paletteTexts } from './texts.ts';

export interface ShortcutListProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function ShortcutList({ open, onOpenChange }: ShortcutListProps) {
  const texts = useTexts(paletteTexts);
  const shortcuts = useShortcuts().filter(({ scope }) => scope !== 'dialog');
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={texts.shortcuts}
      description={texts.shortcutsText}
      size="large"
    >
      <ShortcutScopes shortcuts={shortcuts} />
    </Dialog>
  );
}
