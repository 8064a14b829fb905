// The keys of the inbox, for those who register them and for the list of them on the settings page.
export const inboxKeys = {
  search: '/',
  next: 'j',
  previous: 'k',
  archive: 'e',
  undo: 'u',
  reply: 'r',
  takeOver: 't',
  handBack: 'h',
  assign: 'a',
} as const;
