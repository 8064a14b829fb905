// Roles in words, and who may give which.
import type { Role } from '@parley/contract/tenancy';
import { useTexts } from '../../lib/texts.ts';
import { peopleTexts } from './people-texts.ts';

const roles: readonly Role[] = ['owner', 'admin', 'agent', 'viewer'];

export function useRoles() {
  const texts = useTexts(peopleTexts);
  const words: Readonly<Record<Role, { label: string; may: string }>> = {
    owner: { label: texts.owner, may: texts.ownerMay },
    admin: { label: texts.admin, may: texts.adminMay },
    agent: { label: texts.agent, may: texts.agentMay },
    viewer: { label: texts.viewer, may: texts.viewerMay },
  };
  return {
    words,
    /** What a member with this role may make of somebody. */
    optionsFor: (own: Role) =>
      roles
        .filter((role) => role !== 'owner' || own === 'owner')
        .map((role) => ({ value: role, label: words[role].label })),
  };
}
