// The simulated carrier of the demo: a Twilio in the box on a loopback port of the server's own, with one account whose
// credentials come from the installation's secret, so that a restart finds the same account again.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { createTwilioSimulator, type TwilioSimulator } from '../providers/twilio/simulator.ts';

export interface Simulation {
  readonly accountSid: string;
  readonly authToken: string;
  readonly url: string;
  readonly simulator: TwilioSimulator;
  /** The numbers of the account. */
  numbers(): Promise<string[]>;
  /** Gives the account a number, whose texts go to `smsUrl`; one that it has stays. */
  addNumber(phoneNumber: string, smsUrl: string): Promise<void>;
  close(): Promise<void>;
}

const numberList = z.object({ incoming_phone_numbers: z.array(z.object({ phone_number: z.string() })) });

/** How long the simulated network takes for each step of a message. */
const stepDelaysMs = [40, 120];

/** What the simulation's key is derived for from the installation's secret. */
export const simulationPurpose = 'simulator';

function part(key: Buffer, name: string): string {
  return createHmac('sha256', key).update(name).digest('hex').slice(0, 32);
}

/** The account of this installation's simulation, whether it runs or not. */
export function simulatedAccount(key: Buffer): string {
  return `AC${part(key, 'account')}`;
}

/** @param key derived from the installation's secret for `simulationPurpose`. */
export async function startSimulation(key: Buffer): Promise<Simulation> {
  const accountSid = simulatedAccount(key);
  const authToken = part(key, 'token');
  const simulator = createTwilioSimulator({
    accounts: [{ sid: accountSid, authToken, friendlyName: 'Simulated carrier' }],
    statusCallbacks: { delaysMs: stepDelaysMs },
  });
  const url = await simulator.listen();
  const api = `${url}/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers.json`;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;

  const numbers = async () => {
    const answer = await fetch(`${api}?PageSize=1000`, { headers: { authorization } });
    const { incoming_phone_numbers: list } = numberList.parse(await answer.json());
    return list.map((number) => number.phone_number);
  };
  return {
    accountSid,
    authToken,
    url,
    simulator,
    numbers,
    addNumber: async (phoneNumber, smsUrl) => {
      if ((await numbers()).includes(phoneNumber)) return;
      const answer = await fetch(api, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({ PhoneNumber: phoneNumber, SmsUrl: smsUrl }),
      });
      if (!answer.ok) throw new Error(`the simulated carrier has no number ${phoneNumber} to give`);
    },
    close: () => simulator.close(),
  };
}
