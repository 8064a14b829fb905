// Who is signed in, in which workspace, and what they may do; members, preferences, API keys.
import { z } from 'zod';
import { displayName, id, page, spokenLanguage, timestamp, timeZone } from './common.ts';
import type { QuietHours } from './quiet-hours.ts';
import { secondFactorRule } from './second-factor.ts';

export const role = z.enum(['owner', 'admin', 'agent', 'viewer']);
export type Role = z.infer<typeof role>;
/** A member's: one of the four, or one of the workspace's own. */
export const heldRole = z.enum([...role.options, 'own']);
export type HeldRole = z.infer<typeof heldRole>;
/** A key's: a role, or permissions that were chosen for it alone. */
export const keyRole = z.enum([...heldRole.options, 'chosen']);
export type KeyRole = z.infer<typeof keyRole>;
/** Which role of the workspace's own; null where it is none. */
export const ownRole = z.object({ id, name: z.string() }).nullable();
export type OwnRole = z.infer<typeof ownRole>;

const membership = z.object({ id, name: z.string(), role: keyRole, ownRole });

export const me = z.object({
  kind: z.enum(['member', 'api_key']),
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
  apiKey: z.object({ id, name: z.string(), prefix: z.string() }).nullable(),
  workspace: membership.nullable(),
  workspaces: z.array(membership),
  permissions: z.array(z.string()),
  /** The workspace wants a second factor, and they have none: nothing else of it is answered until they do. */
  needsSecondFactor: z.boolean(),
  /** They came by their company's sign-in: what is the account's, and not this workspace's, is closed to them. */
  byCompany: z.boolean(),
});
export type Me = z.infer<typeof me>;

/** What a workspace is called, and where its people are. */
export const workspace = z.object({
  id,
  name: z.string(),
  /** ISO 3166-1 alpha-2: numbers are written in its way. */
  defaultCountry: z.string().nullable(),
  /** Where "tomorrow at 3" is meant; null: in the installation's own zone. */
  timeZone: z.string().nullable(),
  /** Besides its own country and those of its channels: where codes to members’ phones may be sent. */
  codeCountries: z.array(z.string()),
  installationTimeZone: z.string(),
  /** Required: nothing of the workspace is open to a member without one. */
  secondFactor: secondFactorRule,
});
export type Workspace = z.infer<typeof workspace>;
const countryCode = z.string().regex(/^[A-Z]{2}$/, { error: 'is no country code of two letters' });
export const changeWorkspace = z
  .object({
    name: displayName(100),
    defaultCountry: countryCode.nullable(),
    timeZone: timeZone.nullable(),
    codeCountries: z.array(countryCode).max(50),
  })
  .partial();
export type ChangeWorkspace = z.infer<typeof changeWorkspace>;

export const apiKey = z.object({
  id,
  name: z.string(),
  /** The first characters, to recognise it by. */
  prefix: z.string(),
  role: keyRole,
  ownRole,
  /** What it may do now: what it was made for, and never what its maker may not do themselves by now. */
  permissions: z.array(z.string()),
  /** The user who made it, by themselves or with a key of theirs; null for one that the operator made. */
  createdBy: z.string().nullable(),
  /** The key that it was made with, and with which it ends; null: none. */
  madeWith: id.nullable(),
  createdAt: timestamp,
  lastUsedAt: timestamp.nullable(),
  expiresAt: timestamp.nullable(),
  /** After a rotation: the secret before, while it still works. */
  previous: z.object({ prefix: z.string(), until: timestamp }).nullable(),
});
export type ApiKey = z.infer<typeof apiKey>;

const expiryYearsMax = 10;
/** Within ten years from now. */
export const keyExpiry = timestamp
  .refine((at) => Date.parse(at) > Date.now(), { error: 'is past' })
  .refine((at) => Date.parse(at) <= Date.now() + expiryYearsMax * 366 * 86_400_000, {
    error: `is more than ${expiryYearsMax} years away`,
  });

const oneOf = (value: Record<string, unknown>, names: readonly string[]) =>
  names.filter((name) => value[name] !== undefined).length === 1;

/** What it may do is a role, a role of the workspace's own, or chosen permissions: one of the three. */
export const createApiKey = z
  .object({
    name: displayName(100),
    role: role.exclude(['owner']).optional(),
    roleId: id.optional(),
    permissions: z.array(z.string().max(60)).min(1).max(200).optional(),
    expiresAt: keyExpiry.optional(),
  })
  .refine((value) => oneOf(value, ['role', 'roleId', 'permissions']), {
    error: 'names exactly one of role, roleId and permissions',
  });
export type CreateApiKey = z.infer<typeof createApiKey>;

/** A new secret. The one before works on for so many hours; 0: it ends now. */
export const rotateApiKey = z.object({
  overlapHours: z.number().int().min(0).max(168).default(24),
  /** Null: never. Absent, or asked for with the key itself: as before. Never later than the key that it was made with. */
  expiresAt: keyExpiry.nullable().optional(),
});
export type RotateApiKey = z.input<typeof rotateApiKey>;

/** The key itself is shown this once. */
export const createdApiKey = apiKey.extend({ key: z.string() });
export type CreatedApiKey = z.infer<typeof createdApiKey>;

export const apiKeyPage = page(apiKey);

/** A user in the workspace. */
export const member = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: heldRole,
  ownRole,
  joinedAt: timestamp,
});
export type Member = z.infer<typeof member>;
export const memberList = z.object({ items: z.array(member) });

/** Of `parley member add`: the operator makes members, others invite them. */
export const createMember = z.object({
  email: z.email().max(200),
  name: displayName(100),
  role: role.exclude(['owner']),
});

/** A role, or one of the workspace's own. */
export const changeMember = z
  .object({ role: role.optional(), roleId: id.optional() })
  .refine((value) => oneOf(value, ['role', 'roleId']), { error: 'names either role or roleId' });
export type ChangeMember = z.infer<typeof changeMember>;

/** `revokeKeys`: the API keys that the member made go with them; otherwise they stay, for they are the workspace's. */
export const removeMemberQuery = z.object({ revokeKeys: z.stringbool().default(false) });

/** What a signed-in user may change of themselves here; password and sessions are the sign-in library's. */
export const changeMe = z.object({ name: displayName(100) });

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'is no time of day, like 22:00' });
const weekday = z.literal([1, 2, 3, 4, 5, 6, 7]);
/** See `QuietHours`. */
const quietHours = z.object({
  from: timeOfDay,
  to: timeOfDay,
  days: z
    .array(weekday)
    .min(1)
    .max(7)
    .refine((days) => new Set(days).size === days.length, { error: 'names a day twice' }),
}) satisfies z.ZodType<QuietHours>;

/** How the app looks to one user, on every device, and when it leaves them alone. */
export const preferences = z.object({
  language: spokenLanguage.nullable(),
  theme: z.enum(['system', 'light', 'dark']),
  /** Of the browser: whose messages ring. */
  notify: z.enum(['all', 'mine', 'none']),
  /** Whether Enter sends what stands in the compose box. Null: with a keyboard it does, on a touch screen it begins a new line. */
  enterSends: z.boolean().nullable(),
  /** The tour was finished or skipped. */
  tourDone: z.boolean(),
  /** Where their quiet hours are meant; null: in the workspace’s. */
  timeZone: timeZone.nullable(),
  /** When nothing rings and nothing reminds them; null: it may at any time. */
  quietHours: quietHours.nullable(),
});
export type Preferences = z.infer<typeof preferences>;
export const changePreferences = preferences.partial();
export type ChangePreferences = z.infer<typeof changePreferences>;

/** A mail of the demo, where no mail server is set. */
export const keptMail = z.object({
  id,
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  createdAt: timestamp,
});
export type KeptMail = z.infer<typeof keptMail>;
/** The newest first. */
export const keptMailList = z.object({ items: z.array(keptMail) });

/** What a page needs to know before anybody has signed in. */
export const start = z.object({
  version: z.string(),
  /** The demo workspace is here: the terminal that started it shows the e-mail address, and the password once. */
  demo: z.boolean(),
  /** Whether strangers may make an account. */
  signUp: z.boolean(),
  /** What becomes of mails: they are sent, kept for the demo to show, or dropped, for no mail server is set. */
  mail: z.enum(['sent', 'kept', 'none']),
  languages: z.array(spokenLanguage),
  /** Besides a password. `company`: some workspace has a sign-in of its own. */
  signInWays: z.array(z.enum(['google', 'microsoft', 'company'])),
});
export type Start = z.infer<typeof start>;
