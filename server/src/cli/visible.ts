// What was stored is shown as it is, and obeyed by no terminal: control characters, and those that turn the direction of text,
// are written as escapes.

const obeyed = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Of a name within a line: nothing of it begins another one. */
export const visible = (text: string): string => text.replace(obeyed, escaped);

/** Of everything that is printed; its own lines stay. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');
