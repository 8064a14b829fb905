// Invitations: how somebody becomes a member. A link, which serves once, for a week.
import { z } from 'zod';
import { displayName, id, timestamp, timeZone } from './common.ts';
import { heldRole, ownRole, role } from './tenancy.ts';

export const invitation = z.object({
  id,
  email: z.string(),
  role: heldRole,
  ownRole,
  /** Whose name the invitation goes out in; null: the operator, a key, or somebody who is gone. */
  invitedBy: z.string().nullable(),
  createdAt: timestamp,
  expiresAt: timestamp,
});
export type Invitation = z.infer<typeof invitation>;
export const invitationList = z.object({ items: z.array(invitation) });

export const createInvitation = z
  .object({
    email: z.email().max(200),
    role: role.exclude(['owner']).optional(),
    roleId: id.optional(),
  })
  .refine((value) => (value.role === undefined) !== (value.roleId === undefined), {
    error: 'names either role or roleId',
  });
export type CreateInvitation = z.infer<typeof createInvitation>;

/** `link`: where no mail is sent, to hand over; shown this once. */
export const createdInvitation = invitation.extend({ link: z.string().nullable() });
export type CreatedInvitation = z.infer<typeof createdInvitation>;

const token = z.string().min(1).max(200);
export const linkToken = z.object({ token });

/** What the holder of a link is told. */
export const readInvitation = z.object({
  workspace: z.string(),
  email: z.string(),
  invitedBy: z.string().nullable(),
  role: heldRole,
  ownRole: z.string().nullable(),
  expiresAt: timestamp,
  /**
   * Whether there is an account with this address. `untold` where the link did not come by mail: whoever made it may
   * hold it still, and is nobody whom that concerns.
   */
  account: z.enum(['new', 'known', 'untold']),
});
export type ReadInvitation = z.infer<typeof readInvitation>;

const name = displayName(100);
/** 10 to 128 characters; what is too short, too long or too easy has a code of its own. */
const password = z.string().max(1000);
/** Of somebody who is new here. */
export const newAccount = z.object({ token, name, password });
export type NewAccount = z.infer<typeof newAccount>;

export const acceptedInvitation = z.object({ workspaceId: id, email: z.string() });
export type AcceptedInvitation = z.infer<typeof acceptedInvitation>;

export const signUp = z.object({ email: z.email().max(200) });
/** Where it leads, before anybody has chosen a password. */
export const readSignUp = z.object({ email: z.string() });

export const createWorkspace = z.object({
  name,
  defaultCountry: z
    .string()
    .regex(/^[A-Z]{2}$/, { error: 'is no country code of two letters' })
    .nullable(),
  timeZone: timeZone.nullable(),
});
export type CreateWorkspace = z.infer<typeof createWorkspace>;
export const createdWorkspace = z.object({ id, name: z.string() });
export type CreatedWorkspace = z.infer<typeof createdWorkspace>;

/** Who owns the workspace from now on; whoever says so becomes an admin. */
export const changeOwnership = z.object({ userId: z.string().min(1).max(100) });
