// Keeps pages of an endless list true when one thing changes: where it stands, where it comes in, where it leaves. Pure.
import type { Conversation } from '@parley/contract/conversations';
import type { TimelineItem, TimelinePage } from '@parley/contract/inbox';
import type { InfiniteData } from '@tanstack/react-query';

export interface ConversationPage {
  readonly items: Conversation[];
  readonly nextCursor: string | null;
}
export type ConversationPages = InfiniteData<ConversationPage, string | null>;
export type TimelinePages = InfiniteData<TimelinePage, string | null>;

/** The list's order: newest message first. ISO 8601 in UTC, and ids in hexadecimal, stand in the order of what they say. */
const placeOf = ({ lastMessageAt, id }: Conversation) => `${lastMessageAt} ${id}`;

/**
 * The list with a conversation as it is now.
 * @param belongs null: only the server knows, so it stays where it is and comes in nowhere.
 */
export function placeConversation(
  pages: ConversationPages,
  conversation: Conversation,
  belongs: boolean | null,
): ConversationPages {
  const before = pages.pages.flatMap(({ items }) => items).find(({ id }) => id === conversation.id);
  if (belongs === false) return before ? without(pages, conversation.id) : pages;
  if (before && before.lastMessageAt === conversation.lastMessageAt) {
    return mapItems(pages, (each) => (each.id === conversation.id ? conversation : each));
  }
  if (!before && belongs === null) return pages;
  return insert(without(pages, conversation.id), conversation);
}

function insert(pages: ConversationPages, conversation: Conversation): ConversationPages {
  const place = placeOf(conversation);
  const at = pages.pages.findIndex(({ items }) => items.some((each) => placeOf(each) < place));
  const last = pages.pages.length - 1;
  // Behind all that is loaded: it comes with its page, unless there is none any more.
  if (at === -1 && pages.pages[last]?.nextCursor !== null) return pages;
  const target = at === -1 ? last : at;
  return {
    ...pages,
    pages: pages.pages.map((page, index) => {
      if (index !== target) return page;
      const before = page.items.filter((each) => placeOf(each) > place);
      return { ...page, items: [...before, conversation, ...page.items.slice(before.length)] };
    }),
  };
}

function without(pages: ConversationPages, id: string): ConversationPages {
  return {
    ...pages,
    pages: pages.pages.map((page) =>
      page.items.some((each) => each.id === id)
        ? { ...page, items: page.items.filter((each) => each.id !== id) }
        : page,
    ),
  };
}

function mapItems(pages: ConversationPages, change: (item: Conversation) => Conversation): ConversationPages {
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, items: page.items.map(change) })) };
}

export function keyOf(item: TimelineItem): string {
  if (item.kind === 'message') return item.message.id;
  return item.kind === 'note' ? item.note.id : item.activity.id;
}

const orderOf = (item: TimelineItem) => `${item.at} ${keyOf(item)}`;

/**
 * The thread with its newest page as the server has it now: what the page does not have any more is gone, what is older
 * stays. Where the page does not reach what is known, the page is all that is known for certain.
 */
export function mergeNewest(known: TimelinePages, newest: TimelinePage): TimelinePages {
  const alone = { pages: [newest], pageParams: [null] };
  const oldest = newest.items.at(-1);
  if (!oldest || newest.nextCursor === null) return alone;
  const from = orderOf(oldest);
  const older = known.pages.map((page) => ({
    ...page,
    items: page.items.filter((item) => orderOf(item) < from),
  }));
  const first = older.findIndex(({ items }) => items.length > 0);
  const reaches = known.pages.some(({ items }) => items.some((item) => orderOf(item) >= from));
  if (!reaches) return alone;
  // The known pages all ended in what is newer: the newest page's cursor goes on from there.
  if (first === -1) return alone;
  const [page, ...rest] = older.slice(first);
  if (!page) return alone;
  return {
    pages: [{ ...page, items: [...newest.items, ...page.items] }, ...rest],
    pageParams: [null, ...known.pageParams.slice(first + 1)],
  };
}

/** The thread with one item as it is now; what is not loaded stays so. */
export function replaceItem(known: TimelinePages, item: TimelineItem): TimelinePages {
  const key = keyOf(item);
  return {
    ...known,
    pages: known.pages.map((page) =>
      page.items.some((each) => keyOf(each) === key)
        ? { ...page, items: page.items.map((each) => (keyOf(each) === key ? item : each)) }
        : page,
    ),
  };
}

/** The thread with a new item at its end, or the known one as it is now. */
export function addNewest(known: TimelinePages, item: TimelineItem): TimelinePages {
  const key = keyOf(item);
  if (known.pages.some(({ items }) => items.some((each) => keyOf(each) === key)))
    return replaceItem(known, item);
  const [first, ...rest] = known.pages;
  if (!first) return known;
  const newer = first.items.filter((each) => orderOf(each) > orderOf(item));
  const items = [...newer, item, ...first.items.slice(newer.length)];
  return { ...known, pages: [{ ...first, items }, ...rest] };
}

export function removeItem(known: TimelinePages, key: string): TimelinePages {
  return {
    ...known,
    pages: known.pages.map((page) =>
      page.items.some((each) => keyOf(each) === key)
        ? { ...page, items: page.items.filter((each) => keyOf(each) !== key) }
        : page,
    ),
  };
}

export function findItem(known: TimelinePages | undefined, key: string): TimelineItem | undefined {
  for (const page of known?.pages ?? []) {
    const item = page.items.find((each) => keyOf(each) === key);
    if (item) return item;
  }
  return undefined;
}

/** The first page only: what comes after it is read again when somebody looks. */
export function firstPageOf<Page>(
  data: InfiniteData<Page, string | null>,
): InfiniteData<Page, string | null> {
  return data.pages.length > 1
    ? { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) }
    : data;
}
