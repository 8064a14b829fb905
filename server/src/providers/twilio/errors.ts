// What Twilio's error codes mean: in plain words for people, and in classes for the code.
// https://www.twilio.com/docs/api/errors

interface Explanation {
  readonly message: string;
  readonly action: string;
}

const notReachable = 'Check the number with the person, or reach them another way.';
const tryLater = 'Nothing to do: Parley tries again by itself.';
const askTwilio = 'Look the message up in the Twilio console, or ask Twilio support with its message SID.';

const explanations: Readonly<Record<string, Explanation>> = {
  // Account and credentials
  '20003': {
    message: 'Twilio did not accept the credentials of this channel.',
    action:
      'Copy the account SID and the auth token (or API key) from the Twilio console again and save the channel.',
  },
  '20005': {
    message: 'The Twilio account is not active.',
    action: 'Open the Twilio console and settle what Twilio asks for there, usually a payment.',
  },
  '20404': {
    message: 'Twilio does not know what was asked for, often the account itself.',
    action: 'Check the account SID of the channel, and that the number still belongs to that account.',
  },
  '20429': { message: 'Too many requests reached Twilio at once.', action: tryLater },
  // Sender
  '21212': {
    message: 'The number that this channel sends from is not a valid sender.',
    action: 'Check the address of the channel.',
  },
  '21603': {
    message: 'The message had no sender.',
    action: 'Give the channel a number or a Messaging Service.',
  },
  '21606': {
    message: 'The number of this channel cannot send texts, or not to this destination.',
    action: 'Check in the Twilio console that the number can send SMS and belongs to this account.',
  },
  '21611': {
    message: 'Too many messages of this number are waiting at Twilio.',
    action: `${tryLater} If it happens often, add numbers in a Messaging Service.`,
  },
  '21659': {
    message: 'The sender is not a number of this Twilio account.',
    action: 'Check the address and the account SID of the channel.',
  },
  '21660': {
    message: 'The number of this channel belongs to another Twilio account.',
    action: 'Connect the channel with the account that owns the number.',
  },
  '21701': {
    message: 'The Messaging Service of this channel does not exist.',
    action: 'Check the Messaging Service SID of the channel.',
  },
  '21703': {
    message: 'The Messaging Service has no number that could send this.',
    action: 'Add a number to the Messaging Service in the Twilio console.',
  },
  '30034': {
    message:
      'US carriers refused the message because the number is not registered for business texting (A2P 10DLC).',
    action: 'Register your business and a campaign in the Twilio console and add the number to it.',
  },
  '30032': {
    message: 'The toll-free number is not verified, so carriers refused the message.',
    action: 'Submit the toll-free verification in the Twilio console.',
  },
  // Recipient
  '21211': { message: 'This is not a phone number that can be reached.', action: notReachable },
  '21217': { message: 'This is not a phone number that can be reached.', action: notReachable },
  '21265': { message: 'Short codes cannot be texted from this number.', action: notReachable },
  '21266': {
    message: 'The message would have gone from a number to itself.',
    action: 'Choose another recipient.',
  },
  '21408': {
    message: 'The Twilio account may not send to this country.',
    action: 'Allow the country under Messaging, Geo permissions, in the Twilio console.',
  },
  '21604': { message: 'The message had no recipient.', action: 'Give the number of the person.' },
  '21608': {
    message: 'A Twilio trial account sends only to numbers that were verified.',
    action: 'Verify the number in the Twilio console, or upgrade the account.',
  },
  '21610': {
    message: 'This person replied STOP and gets no messages until they reply START.',
    action: 'Respect it. They can text START to this number whenever they want.',
  },
  '21612': {
    message: 'Twilio has no route from this number to that one.',
    action: 'Send from another number, or reach the person another way.',
  },
  '21614': { message: 'This number is not a mobile phone and cannot get texts.', action: notReachable },
  '21635': { message: 'This number is a landline and cannot get texts.', action: notReachable },
  // Content
  '21602': { message: 'The message was empty.', action: 'Write something, or attach a picture.' },
  '21617': {
    message: 'The message is longer than 1,600 characters.',
    action: 'Shorten it, or send it in parts.',
  },
  '21620': {
    message: 'An attachment has an address that Twilio cannot use.',
    action: 'Attach the file again.',
  },
  '21623': { message: 'The message has too many attachments (10 at most).', action: 'Attach fewer files.' },
  '63016': {
    message: 'On WhatsApp, free text is allowed only within 24 hours of the customer’s last message.',
    action: 'Send an approved template, or wait until the customer writes.',
  },
  // Setup of callbacks
  '11200': {
    message: 'Twilio could not reach this installation.',
    action: 'Check that the public URL is right and reachable from the internet with a valid certificate.',
  },
  '21609': {
    message: 'Twilio cannot use the address for delivery reports.',
    action: 'Set the public URL of this installation to one that the internet can reach.',
  },
  // Delivery
  '30001': {
    message: 'The message waited too long at Twilio and was dropped.',
    action: 'Send it again. If it happens often, spread messages over more numbers or a longer time.',
  },
  '30002': {
    message: 'The Twilio account was suspended before the message went out.',
    action: 'Open the Twilio console and settle what Twilio asks for there.',
  },
  '30003': {
    message: 'The phone could not be reached: switched off, out of coverage, or no longer in use.',
    action: 'Try again later, or reach the person another way.',
  },
  '30004': {
    message: 'The message was blocked by the phone or its carrier.',
    action: 'The person may have blocked texts from businesses. Reach them another way.',
  },
  '30005': { message: 'The number does not exist or is no longer in service.', action: notReachable },
  '30006': { message: 'This is a landline, or a carrier that takes no texts.', action: notReachable },
  '30007': {
    message: 'The carrier filtered the message as unwanted.',
    action:
      'Say who you are, avoid link shorteners and capital letters, and register the number where that is required.',
  },
  '30008': { message: 'The carrier did not deliver the message and did not say why.', action: askTwilio },
  // Numbers
  '21421': { message: 'This phone number is not valid.', action: 'Choose another number.' },
  '21422': { message: 'Somebody else has rented this number meanwhile.', action: 'Choose another number.' },
  '21631': {
    message: 'This country requires an address or documents before a number can be rented.',
    action: 'Complete the regulatory bundle in the Twilio console first.',
  },
  // Ours: no code of Twilio's, because the answer was not Twilio's or none came
  forbidden: {
    message: 'Parley may not call the address where Twilio is expected.',
    action: 'Check the address of the Twilio API in the configuration.',
  },
  not_sent: {
    message: 'Twilio could not be reached.',
    action: `${tryLater} Check the internet connection if it lasts.`,
  },
  unanswered: {
    message: 'Twilio did not answer in time, so it is not known whether it has the message.',
    action: 'Nothing to do: Parley looks it up at Twilio before anything is sent again.',
  },
  too_large: { message: 'Twilio’s answer was larger than it may be.', action: askTwilio },
  nonsense: {
    message: 'The answer was not one that Twilio gives, so it is not known whether it has the message.',
    action:
      'Nothing to do: Parley looks it up at Twilio. If it lasts, check proxies on the way to the internet.',
  },
  too_many_redirects: {
    message: 'The attachment could not be found where Twilio said it is.',
    action: 'Ask the person to send it again.',
  },
  too_many_messages: {
    message: 'There are too many messages to this number to find this one among them.',
    action: 'Look in the Twilio console whether it was sent, and send it again if not.',
  },
  account_suspended: {
    message: 'The Twilio account is suspended.',
    action: 'Open the Twilio console and settle what Twilio asks for there, usually a payment.',
  },
  account_closed: {
    message: 'The Twilio account was closed.',
    action: 'Connect the channel with another account.',
  },
};

const credentialsCodes: ReadonlySet<string> = new Set(['20003', '20005', '20404', 'http_401', 'http_403']);

/** The sender's side of the channel is wrong: no message will go until a person has mended it. */
const setupCodes: ReadonlySet<string> = new Set([
  ...credentialsCodes,
  '21212',
  '21603',
  '21606',
  '21609',
  '21659',
  '21660',
  '21701',
  '21703',
  '30002',
]);

/** Refused for now, whatever the HTTP status. */
const passingCodes: ReadonlySet<string> = new Set(['20429', '21611']);

export function isCredentialsCode(code: string): boolean {
  return credentialsCodes.has(code);
}

export function isSetupCode(code: string): boolean {
  return setupCodes.has(code);
}

export function isPassingCode(code: string): boolean {
  return passingCodes.has(code);
}

/** https://www.twilio.com/docs/api/errors/21610 */
export function isOptOutCode(code: string): boolean {
  return code === '21610';
}

export function hasExplanation(code: string): boolean {
  return Object.hasOwn(explanations, code);
}

/** A sentence that a shopkeeper understands, and what to do. */
export function explain(code: string): Explanation {
  const explanation = hasExplanation(code) ? explanations[code] : undefined;
  if (explanation) return explanation;
  if (code === 'http_401' || code === 'http_403') return explain('20003');
  if (/^http_(408|429|5\d\d)$/.test(code)) {
    return { message: 'Twilio is not available at the moment.', action: tryLater };
  }
  return {
    message: /^\d+$/.test(code) ? `Twilio refused this with error ${code}.` : 'Twilio refused this.',
    action: /^\d+$/.test(code)
      ? `Read https://www.twilio.com/docs/api/errors/${code} for what it means.`
      : askTwilio,
  };
}
