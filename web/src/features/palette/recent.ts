// What was lately chosen in the palette, newest first, kept in this browser: ids of commands, never words of messages.
const name = 'parley.palette';
const countMax = 5;

export function readRecent(): readonly string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(name) ?? '[]');
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string').slice(0, countMax) : [];
  } catch {
    return [];
  }
}

export function noteRecent(id: string): void {
  const ids = [id, ...readRecent().filter((other) => other !== id)].slice(0, countMax);
  try {
    localStorage.setItem(name, JSON.stringify(ids));
  } catch {
    // A browser that keeps nothing forgets this too.
  }
}
