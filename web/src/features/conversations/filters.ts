// Which conversations the list shows: the words of the API's query, as they stand in the page's address. Pure.
import type { Conversation } from '@parley/contract/conversations';
import type { InboxCounts, ViewFilters } from '@parley/contract/inbox';

export type PlaceName =
  | 'open'
  | 'mine'
  | 'unassigned'
  | 'assistant'
  | 'drafts'
  | 'flagged'
  | 'mentioned'
  | 'snoozed'
  | 'archived';

interface Place {
  readonly name: PlaceName;
  readonly filters: ViewFilters;
  /** Where its number is; the archive is not counted. */
  readonly count: keyof InboxCounts | null;
}

/** In the order in which they are shown. */
export const places: readonly Place[] = [
  { name: 'open', filters: { open: true }, count: 'open' },
  { name: 'mine', filters: { open: true, ownerId: 'me' }, count: 'mine' },
  { name: 'unassigned', filters: { open: true, owner: 'nobody' }, count: 'unassigned' },
  { name: 'assistant', filters: { open: true, owner: 'assistant' }, count: 'assistant' },
  { name: 'drafts', filters: { draft: true }, count: 'drafts' },
  { name: 'flagged', filters: { status: 'flagged_for_review' }, count: 'flagged' },
  { name: 'mentioned', filters: { mentioned: true }, count: 'mentioned' },
  { name: 'snoozed', filters: { snoozed: true }, count: 'snoozed' },
  { name: 'archived', filters: { status: 'archived' }, count: null },
];

const booleans = ['open', 'draft', 'snoozed', 'unread', 'mentioned'] as const;
const words = ['status', 'owner', 'ownerId', 'channelId', 'language', 'intent', 'mood'] as const;
/** What narrows a place. */
const narrowing = ['unread', 'channelId', 'language', 'intent', 'mood'] as const;
const allowed: Readonly<Partial<Record<(typeof words)[number], readonly string[]>>> = {
  status: ['active', 'archived', 'flagged_for_review'],
  owner: ['assistant', 'member', 'nobody'],
  language: ['en', 'es', 'pt', 'unknown'],
  mood: ['angry', 'low', 'even', 'good'],
};

/** What the address asks for; what it says that nobody understands is left out. Without a word: what is open. */
export function readFilters(search: URLSearchParams): ViewFilters {
  const filters: Record<string, string | boolean> = {};
  for (const name of booleans) {
    const value = search.get(name);
    if (value === 'true' || value === 'false') filters[name] = value === 'true';
  }
  for (const name of words) {
    const value = search.get(name);
    if (value && (allowed[name]?.includes(value) ?? true)) filters[name] = value;
  }
  const place = coreOf(filters);
  const core = Object.keys(place).length === 0 ? { open: true } : place;
  return compact({ ...core, ...narrowingOf(filters) });
}

/** The same as an address's query, with the parts always in one order; empty for what is open. */
export function writeFilters(filters: ViewFilters): URLSearchParams {
  const search = new URLSearchParams();
  const isDefault = sameFilters(coreOf(filters), { open: true });
  for (const name of [...booleans, ...words]) {
    const value = filters[name];
    if (value === undefined || (isDefault && name === 'open')) continue;
    search.set(name, String(value));
  }
  return search;
}

/** The place, without what narrows it. */
function coreOf(filters: ViewFilters): ViewFilters {
  const core = Object.entries(filters).filter(([name]) => !(narrowing as readonly string[]).includes(name));
  return compact(Object.fromEntries(core));
}

const narrowingOf = (filters: ViewFilters): ViewFilters =>
  Object.fromEntries(narrowing.map((name) => [name, filters[name]]));

/** Null for what only a saved view asks for. */
export function placeOf(filters: ViewFilters): PlaceName | null {
  const core = coreOf(filters);
  return places.find((place) => sameFilters(place.filters, core))?.name ?? null;
}

/** Another place, narrowed like this one. */
export function moveTo(filters: ViewFilters, name: PlaceName): ViewFilters {
  const place = places.find((each) => each.name === name);
  return compact({ ...place?.filters, ...narrowingOf(filters) });
}

export function sameFilters(one: ViewFilters, other: ViewFilters): boolean {
  return [...booleans, ...words].every((name) => one[name] === other[name]);
}

function compact(filters: ViewFilters): ViewFilters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

/**
 * Whether a conversation stands in the list of these filters. Null where only the server knows (who is called in a note).
 */
export function fits(
  conversation: Conversation,
  filters: ViewFilters,
  userId: string | null,
): boolean | null {
  const { status, owner, snoozedUntil } = conversation;
  const ownerId = filters.ownerId === 'me' ? userId : filters.ownerId;
  const isOpen = status !== 'archived' && snoozedUntil === null;
  const conditions = [
    filters.status === undefined || status === filters.status,
    filters.open === undefined || isOpen === filters.open,
    filters.owner === undefined || owner.kind === filters.owner,
    ownerId === undefined || owner.id === ownerId,
    filters.draft === undefined || conversation.draftCount > 0 === filters.draft,
    filters.snoozed === undefined || (snoozedUntil !== null) === filters.snoozed,
    filters.unread === undefined || conversation.unread === filters.unread,
    filters.channelId === undefined || conversation.channelId === filters.channelId,
    filters.language === undefined || conversation.language === filters.language,
    filters.intent === undefined || conversation.intent === filters.intent,
    filters.mood === undefined || conversation.mood === filters.mood,
  ];
  if (conditions.includes(false)) return false;
  return filters.mentioned === undefined ? true : null;
}

/** Whether a place is narrowed further. */
export const isNarrowed = (filters: ViewFilters): boolean =>
  narrowing.some((name) => filters[name] !== undefined);

/** The place as a whole. */
export const notNarrowed = Object.fromEntries(
  narrowing.map((name) => [name, undefined]),
) as Partial<ViewFilters>;
