// A member's own phone numbers: read, added, verified and removed.
import type { PhoneNumber, PhoneNumberList } from '@parley/contract/phone-numbers';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { currentTexts } from '../../lib/texts.ts';
import { phoneNumberTexts } from './phone-number-texts.ts';

const path = '/api/v1/auth/phone-numbers';
const onItsWayMs = 1000;
/** Carriers tell what became of a text within seconds. */
const sentMs = 5000;

/** Asked again while a code is on its way: what becomes of it stands in no event. */
export function usePhoneNumbers() {
  return useQuery({
    queryKey: queryKeys.phoneNumbers,
    queryFn: async ({ signal }) => (await api.get<PhoneNumberList>(path, { signal })).items,
    refetchInterval: ({ state }) => {
      const codes = state.data?.flatMap(({ code }) => code ?? []) ?? [];
      if (codes.some((code) => code.state === 'waiting')) return onItsWayMs;
      const isSent = codes.some((code) => code.state === 'sent' && Date.parse(code.expiresAt) > Date.now());
      return isSent && sentMs;
    },
  });
}

function useKeep() {
  const client = useQueryClient();
  return (change: (numbers: readonly PhoneNumber[]) => readonly PhoneNumber[]) => {
    void client.cancelQueries({ queryKey: queryKeys.phoneNumbers });
    client.setQueryData<readonly PhoneNumber[]>(queryKeys.phoneNumbers, (now) => change(now ?? []));
  };
}

export function useAddNumber() {
  const keep = useKeep();
  return useMutation({
    mutationFn: (number: string) =>
      api.post<PhoneNumber>(path, { number }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: (added) => keep((numbers) => [...numbers.filter(({ id }) => id !== added.id), added]),
  });
}

const replace = (changed: PhoneNumber) => (numbers: readonly PhoneNumber[]) =>
  numbers.map((number) => (number.id === changed.id ? changed : number));

export function useSendCode(id: string) {
  const keep = useKeep();
  return useMutation({
    mutationFn: () =>
      api.post<PhoneNumber>(`${path}/${id}/codes`, undefined, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: (changed) => keep(replace(changed)),
  });
}

export function useVerifyNumber(id: string) {
  const keep = useKeep();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => api.put<PhoneNumber>(`${path}/${id}/verification`, { code }),
    onSuccess: (changed) => keep(replace(changed)),
    // How many guesses are left.
    onError: () => client.invalidateQueries({ queryKey: queryKeys.phoneNumbers }),
  });
}

export function useRemoveNumber() {
  const keep = useKeep();
  return useMutation({
    mutationFn: (id: string) => api.delete(`${path}/${id}`),
    onSuccess: (_none, removedId) => keep((numbers) => numbers.filter(({ id }) => id !== removedId)),
  });
}

/** What is wrong with a number or a code, in the member's language; null for what says nothing of it. */
export function problemOf(error: unknown): string | null {
  if (!(error instanceof ApiError)) return null;
  const texts = currentTexts(phoneNumberTexts);
  const problems: Readonly<Record<string, string>> = {
    'sms.validation_error': texts.noNumber,
    wrong_code: texts.wrongCode,
    code_over: texts.codeOver,
    number_taken: texts.taken,
    number_exists: texts.exists,
    too_many_numbers: texts.tooMany,
    too_many_codes: texts.tooManyCodes,
    no_text_channel: texts.noChannel,
    country_not_allowed: texts.country,
    consent_opted_out: texts.stopped,
  };
  return problems[error.code] ?? null;
}
