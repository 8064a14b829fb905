// What a page of the entrance says when it is refused; the sign-in library speaks English, and of itself.
import { accountTexts } from '../features/account/account-texts.ts';
import { ApiError, NetworkError } from '../lib/api.ts';
import { useTexts } from '../lib/texts.ts';
import { sharedTexts } from '../lib/texts-shared.ts';
import { appTexts } from './texts.ts';

export function useRefusal(): (error: unknown) => string {
  const texts = useTexts(appTexts);
  const account = useTexts(accountTexts);
  const shared = useTexts(sharedTexts);
  const words: Readonly<Record<string, string>> = {
    PASSWORD_TOO_SHORT: account.tooShort,
    PASSWORD_TOO_LONG: account.tooLong,
    PASSWORD_EASY: account.easy,
    INVALID_EMAIL: account.noAddress,
  };
  return (error) => {
    if (error instanceof NetworkError) return shared.noNetwork;
    if (!(error instanceof ApiError)) return shared.somethingWrong;
    const known = words[error.code];
    if (known !== undefined) return known;
    if (error.status === 401) return texts.wrongPassword;
    if (error.status === 403) return texts.wrongAddress;
    if (error.status === 429)
      return account.lockedOut(Math.max(1, Math.ceil((error.retryAfterMs ?? 0) / 60_000)));
    return error.message;
  };
}
