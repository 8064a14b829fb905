// Every command, in the order in which the help names them.
import type { AnyCommand } from '../command.ts';
import { assistantCheckCommand } from './assistant-check.ts';
import { auditVerifyCommand } from './audit.ts';
import { deadLettersListCommand, deadLettersReplayCommand } from './dead-letters.ts';
import { deliveriesReplayCommand } from './deliveries.ts';
import { doctorCommand } from './doctor.ts';
import { healthCommand } from './health.ts';
import { keyCreateCommand, keyListCommand, keyRevokeCommand } from './key.ts';
import { memberAddCommand, memberPasswordCommand, memberResetSecondFactorCommand } from './member.ts';
import { migrateDownCommand, migrateStatusCommand, migrateUpCommand } from './migrate.ts';
import { privacyRetentionCommand, privacySearchCommand } from './privacy.ts';
import { replayCommand } from './replay.ts';
import { rotateKeysCommand } from './rotate-keys.ts';
import { rotateSigningCommand } from './rotate-signing.ts';
import { simulateStatusCommand } from './simulate-status.ts';
import { simulateTextCommand } from './simulate-text.ts';
import { workspaceCreateCommand, workspaceEraseCommand, workspaceListCommand } from './workspace.ts';

export const commands: readonly AnyCommand[] = [
  doctorCommand,
  healthCommand,
  migrateUpCommand,
  migrateDownCommand,
  migrateStatusCommand,
  keyCreateCommand,
  keyListCommand,
  keyRevokeCommand,
  memberAddCommand,
  memberPasswordCommand,
  memberResetSecondFactorCommand,
  simulateTextCommand,
  simulateStatusCommand,
  assistantCheckCommand,
  replayCommand,
  rotateKeysCommand,
  rotateSigningCommand,
  auditVerifyCommand,
  privacyRetentionCommand,
  privacySearchCommand,
  workspaceCreateCommand,
  workspaceListCommand,
  workspaceEraseCommand,
  deadLettersListCommand,
  deadLettersReplayCommand,
  deliveriesReplayCommand,
];
