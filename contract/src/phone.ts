// The phone of the demo workspace: drawn handsets that text the workspace's numbers through the simulated carrier.
import { z } from 'zod';
import { id, spokenLanguage, timestamp } from './common.ts';

export const handset = z.object({
  /** E.164; the handset is named by it. */
  number: z.string(),
  /** Whose it is, e.g. "Ana". */
  name: z.string(),
  /** What its owner speaks. */
  language: spokenLanguage,
});
export type Handset = z.infer<typeof handset>;

export const phone = z.object({
  handsets: z.array(handset),
  /** The workspace's numbers that can be texted. */
  numbers: z.array(z.object({ channelId: id, address: z.string(), name: z.string() })),
  /** Pictures in the box that a handset can send. */
  pictures: z.array(z.object({ name: z.string(), url: z.string() })),
});
export type Phone = z.infer<typeof phone>;

/** A text as the handset has it. */
export const handsetMessage = z.object({
  id: z.string(),
  /** The workspace's number at the other end. */
  peer: z.string(),
  /** Seen from the handset. */
  direction: z.enum(['sent', 'received']),
  body: z.string(),
  /** Files with their addresses on this server. */
  media: z.array(z.object({ url: z.string(), contentType: z.string() })),
  /** Sent: whether Parley acknowledged the webhook. Received: what the carrier reported last. */
  status: z.enum([
    'sending',
    'accepted',
    'refused',
    'lost',
    'queued',
    'sent',
    'delivered',
    'undelivered',
    'failed',
  ]),
  at: timestamp,
});
export type HandsetMessage = z.infer<typeof handsetMessage>;
/** Oldest first, the newest 200. */
export const handsetThread = z.object({ items: z.array(handsetMessage) });
export type HandsetThread = z.infer<typeof handsetThread>;

export const textFromHandset = z
  .object({
    to: z.string().min(3).max(20),
    body: z.string().max(1600).default(''),
    /** One of `phone.pictures` by name. */
    picture: z.string().max(100).optional(),
  })
  .refine((input) => input.body.trim() !== '' || input.picture !== undefined, {
    error: 'has neither words nor a picture',
    path: ['body'],
  });
export type TextFromHandset = z.input<typeof textFromHandset>;

/** What the carrier does wrong from now on, until it is switched off. */
export const phoneFaults = z.object({
  /** Every webhook call comes twice. */
  duplicate: z.boolean(),
  /** Every webhook call comes seconds late. */
  late: z.boolean(),
  /** Status reports come in the wrong order. */
  reordered: z.boolean(),
  /** Status reports are lost: Parley never hears how it ended. */
  lost: z.boolean(),
  /** The carrier refuses what Parley sends. */
  refuse: z.boolean(),
});
export type PhoneFaults = z.infer<typeof phoneFaults>;
