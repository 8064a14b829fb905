// Sets the theme before the first paint, and asks for the member's words while the app itself is on its way; a file of its own,
// because the content security policy allows no inline script. Reads what lib/store.ts keeps.
(() => {
  let chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem('parley.screen') ?? '{}').state ?? {};
  } catch {
    // No storage, or not ours: what the system says is right.
  }
  const dark =
    chosen.theme === 'dark' ||
    (chosen.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';

  // As lib/texts.ts chooses. Where it does not know a language, it speaks English.
  const languages = [chosen.language, ...navigator.languages, 'en'].filter(Boolean);
  for (const language of languages) {
    const words = document.querySelector(`meta[name=words-${language.slice(0, 2).toLowerCase()}]`);
    if (!words) continue;
    const link = document.createElement('link');
    Object.assign(link, { rel: 'modulepreload', crossOrigin: '', href: words.content });
    document.head.append(link);
    break;
  }
})();
