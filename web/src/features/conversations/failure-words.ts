// Says in the member's language why a message was not sent or delivered, and what to do.
import type { Failure } from '@parley/contract/messages';
import { wordsByCode } from '../../lib/error-words.ts';
import { useTexts } from '../../lib/texts.ts';
import { failureTexts } from './texts-failures.ts';
import { remedyTexts } from './texts-remedies.ts';

type Remedy = keyof typeof remedyTexts.en;

const remedies: Readonly<Record<keyof typeof failureTexts.en, Remedy>> = {
  '20003': 'credentials',
  '20005': 'settle',
  '20404': 'account',
  '20429': 'wait',
  '21212': 'address',
  '21603': 'address',
  '21606': 'canSend',
  '21611': 'wait',
  '21659': 'account',
  '21660': 'account',
  '21701': 'pool',
  '21703': 'pool',
  '30034': 'register',
  '30032': 'register',
  '21211': 'otherWay',
  '21217': 'otherWay',
  '21265': 'otherWay',
  '21266': 'otherPerson',
  '21408': 'country',
  '21604': 'otherPerson',
  '21608': 'verify',
  '21610': 'respect',
  consent_opted_out: 'respect',
  '21612': 'otherWay',
  '21614': 'otherWay',
  '21635': 'otherWay',
  '21602': 'write',
  '21617': 'shorten',
  '21620': 'attach',
  '21623': 'attach',
  '21609': 'publicUrl',
  '30001': 'again',
  '30002': 'settle',
  '30003': 'again',
  '30004': 'blocked',
  '30005': 'otherWay',
  '30006': 'otherWay',
  '30007': 'filtered',
  '30008': 'askTwilio',
  not_sent: 'wait',
  unanswered: 'lookUp',
  nonsense: 'lookUp',
  adapter_failed: 'lookUp',
  too_many_messages: 'askTwilio',
  account_suspended: 'settle',
  account_closed: 'account',
  circuit_open: 'wait',
  channel_deleted: 'otherChannel',
  channel_paused: 'resume',
  given_up: 'wait',
};

/** What no words are known for stays as the server said it. */
export function useFailureWords({ code, message, action }: Failure): { message: string; action: string } {
  const words = useTexts(failureTexts);
  const remedyWords = useTexts(remedyTexts);
  const inWords = wordsByCode(words, code);
  if (!inWords) return { message, action };
  const remedy = remedies[code as keyof typeof remedies];
  return { message: inWords(message), action: remedyWords[remedy](action) };
}
