// Where things are in the inbox, by the names that a person (or a screen reader) calls them.
import type { Locator, Page } from 'playwright-core';

/** The rows of the list, from the top. */
export const rows = (page: Page): Locator =>
  page.getByRole('list', { name: 'Conversations', exact: true }).getByRole('link');

export const row = (page: Page, name: string): Locator => rows(page).filter({ hasText: name });

export const thread = (page: Page): Locator => page.getByRole('log', { name: /^Conversation with/ });

export const reply = (page: Page): Locator => page.getByRole('textbox', { name: /^Reply to/ });

export const button = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: true });

/** The handset of the demo, and its texts. */
export const handset = (page: Page) => {
  const phone = page.getByRole('complementary', { name: 'Phone' });
  return {
    phone,
    texts: phone.getByRole('log', { name: /^Texts on the phone of/ }),
    field: phone.getByRole('textbox', { name: 'Text message' }),
    suggestion: (text: string) => phone.getByRole('button', { name: text }),
  };
};

/** Marks the document: what is shown later without the mark was loaded anew. */
export const mark = (page: Page) => page.evaluate('globalThis.wasHereBefore = true');
export const isMarked = (page: Page) => page.evaluate('globalThis.wasHereBefore === true');

/** What has the focus. Its name may also be what is written in it. */
export const focused = (page: Page, hasText: string): Locator => page.locator(':focus').filter({ hasText });
