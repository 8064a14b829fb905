// How the frame of the command palette looks, and the field in its head: for the palette, and for what stands there first.
export const commandDialogLook =
  'fixed inset-x-4 top-[12vh] z-50 mx-auto flex max-h-[min(30rem,76vh)] max-w-150 animate-pop-in flex-col overflow-hidden rounded-panel border border-line bg-surface-raised shadow-float outline-none data-[state=closed]:animate-fade-out phone:inset-x-0 phone:top-0 phone:max-h-dvh phone:rounded-t-none phone:pad-safe-top';

export const commandFieldLook = 'h-12 w-full bg-transparent text-thread outline-none';
