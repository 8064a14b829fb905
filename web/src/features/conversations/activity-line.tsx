// What was done with a conversation: one centred line, muted.
import type { Activity } from '@parley/contract/inbox';
import { memo } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { useLanguageName } from './language-name.ts';
import { useMembers } from './queries.ts';
import { actionTexts } from './texts-actions.ts';
import { activityTexts } from './texts-activity.ts';
import { reasonTexts } from './texts-reasons.ts';

export const ActivityLine = memo(function ActivityLine({ activity }: { activity: Activity }) {
  const format = useFormat();
  const text = useActivityText(activity);
  return (
    <p className="mx-auto max-w-[60ch] py-2 text-center text-meta text-text-muted">
      {text}
      <span aria-hidden="true"> · </span>
      <time dateTime={activity.occurredAt} title={format.exact(activity.occurredAt)}>
        {format.time(activity.occurredAt)}
      </time>
    </p>
  );
});

function useActivityText({ kind, actor, detail }: Activity): string {
  const texts = useTexts(activityTexts);
  const actions = useTexts(actionTexts);
  const reasons = useTexts(reasonTexts);
  const format = useFormat();
  const languageName = useLanguageName();
  const { nameOf } = useMembers();
  const { user } = useSession();
  const who =
    actor.kind === 'member'
      ? actor.id === user.id
        ? texts.you
        : (nameOf(actor.id) ?? texts.formerMember)
      : actor.kind === 'api_key'
        ? texts.program
        : texts[actor.kind];
  const policies: Readonly<Record<string, string>> = {
    auto: actions.policyAuto,
    draft: actions.policyDraft,
    off: actions.policyOff,
  };
  switch (kind) {
    case 'taken_over':
      return texts.takenOver(who);
    case 'handed_back':
      return texts.handedBack(who);
    case 'assigned':
      return texts.assigned(who, detail === user.id ? texts.toYou : (nameOf(detail) ?? texts.nobodyKnown));
    case 'released':
      return texts.released(who);
    case 'archived':
      return texts.archived(who);
    case 'reopened':
      return texts.reopened(who);
    case 'flagged': {
      const why =
        detail !== null && detail in reasons ? reasons[detail as keyof typeof reasons] : (detail ?? '');
      return actor.kind === 'assistant' ? texts.flaggedByItself(why) : texts.flagged(who, why);
    }
    case 'snoozed':
      return texts.snoozed(who, detail === null ? '' : format.dayAndTime(detail));
    case 'woken':
      return texts.woken;
    case 'opted_out':
      if (detail === 'member') return texts.optedOutByMember(who);
      return detail === 'provider' ? texts.optedOutByProvider : texts.optedOutByKeyword;
    case 'opted_in':
      return detail === 'member' ? texts.optedInByMember(who) : texts.optedIn;
    case 'ai_consent_changed':
      if (detail === 'refused') return texts.aiRefused(who);
      return detail === 'granted' ? texts.aiGranted(who) : texts.aiUnknown(who);
    case 'policy_changed':
      return texts.policyChanged(
        who,
        ((detail && policies[detail]) || actions.policyWorkspace).toLocaleLowerCase(),
      );
    case 'privacy_changed':
      return detail === 'private' ? texts.madePrivate(who) : texts.endedPrivate(who);
    case 'language_changed':
      return texts.languageChanged(who, languageName(detail ?? 'unknown'));
  }
}
