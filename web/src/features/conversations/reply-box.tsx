// Writes to the contact: quick replies, emoji, files, what it costs, now or later.
import type { Conversation } from '@parley/contract/conversations';
import { useQueryClient } from '@tanstack/react-query';
import { Smile } from 'lucide-react';
import { Suspense, useMemo, useRef, useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { toast } from '../../ui/toast.tsx';
import { AttachButton, AttachmentList } from './attachments.tsx';
import { nameOfContact } from './names.ts';
import { useChannels, useQuickReplies } from './queries.ts';
import { fillQuickReply, matchQuickReplies } from './quick-replies.ts';
import { SendButton } from './send-button.tsx';
import { callOff, sendReply } from './sending.ts';
import { composeTexts } from './texts-compose.ts';
import { rememberUndo } from './undo.ts';
import { useAttachments } from './use-attachments.ts';
import { useCaret } from './use-caret.ts';
import { type Suggestion, WriteArea } from './write-area.tsx';
import { useWritten, write } from './written.ts';

const EmojiPicker = lazyPart(async () => (await import('./emoji-picker.tsx')).EmojiPicker);
const SegmentMeter = lazyPart(async () => (await import('./segment-meter.tsx')).SegmentMeter);

/** What one message takes, in UTF-16 code units, where the channel does not say otherwise. */
const bodyLengthMax = 1600;

interface ReplyBoxProps {
  readonly conversation: Conversation;
  readonly onTyping: (isWriting: boolean) => void;
}

export function ReplyBox({ conversation, onTyping }: ReplyBoxProps) {
  const texts = useTexts(composeTexts);
  const format = useFormat();
  const client = useQueryClient();
  const { id } = conversation;
  const { reply } = useWritten(id);
  const field = useRef<HTMLTextAreaElement>(null);
  const placeCaret = useCaret(field);
  const channel = useChannels().find(conversation.channelId);
  const attachments = useAttachments();
  const { data: quickReplies } = useQuickReplies();
  const suggestions = useQuickReplySuggestions(conversation, reply, (text) => setText(text));
  const [isEmojiOpen, setEmojiOpen] = useState(false);
  const lengthMax = channel?.capabilities.bodyLengthMax ?? bodyLengthMax;
  const over = reply.length - lengthMax;
  const isReady = (reply.trim() !== '' || attachments.ids.length > 0) && over <= 0 && !attachments.isBusy;

  const setText = (text: string) => {
    placeCaret(text.length);
    write(id, { reply: text });
  };
  const insert = (text: string) => {
    const at = field.current?.selectionStart ?? reply.length;
    const end = field.current?.selectionEnd ?? at;
    placeCaret(at + text.length);
    write(id, { reply: reply.slice(0, at) + text + reply.slice(end) });
    setEmojiOpen(false);
    // The picker gives the focus back to its button when it is gone.
    setTimeout(() => field.current?.focus());
  };
  const send = async (sendAt?: Date) => {
    if (!isReady) return;
    write(id, { reply: '' });
    const mediaIds = attachments.take();
    onTyping(false);
    field.current?.focus();
    const outcome = await sendReply({
      conversationId: id,
      body: reply.trim(),
      ...(sendAt ? { sendAt } : {}),
      ...(mediaIds.length > 0 ? { mediaIds } : {}),
    });
    if (outcome.kind !== 'sent') return;
    const { answer } = outcome;
    if (sendAt) toast({ text: texts.scheduled(format.dayAndTime(sendAt)) });
    rememberUndo(() => void callOff(client, answer));
  };

  return (
    <WriteArea
      field={field}
      label={texts.writeTo(nameOfContact(conversation))}
      value={reply}
      onChange={(value) => write(id, { reply: value })}
      onSubmit={() => void send()}
      onTyping={onTyping}
      suggestions={suggestions}
      suggestionsLabel={texts.quickReplies}
      noneText={quickReplies?.items.length === 0 ? texts.noQuickReplies : texts.noQuickReply}
    >
      <AttachmentList attachments={attachments} />
      <div className="flex items-end gap-0.5 px-1.5 pb-1.5">
        <Popover
          label={texts.emoji}
          open={isEmojiOpen}
          onOpenChange={setEmojiOpen}
          side="top"
          className="w-80"
          trigger={<IconButton label={texts.emoji} icon={Smile} />}
        >
          <Suspense fallback={<div className="h-64" />}>
            <EmojiPicker onChoose={insert} />
          </Suspense>
        </Popover>
        {channel?.capabilities.media && <AttachButton attachments={attachments} />}
        <div className="flex min-h-8 min-w-0 grow items-center px-1.5 phone:min-h-11">
          {over > 0 ? (
            <span role="alert" className="text-danger-text text-meta" data-figures>
              {texts.tooLong(format.number(over))}
            </span>
          ) : (
            (channel?.capabilities.segments ?? true) &&
            reply !== '' && (
              <Suspense>
                <SegmentMeter text={reply} onReplace={setText} />
              </Suspense>
            )
          )}
        </div>
        <SendButton disabled={!isReady} onSend={(at) => void send(at)} />
      </div>
    </WriteArea>
  );
}

/** What a `/` at the beginning may mean. */
function useQuickReplySuggestions(
  conversation: Conversation,
  text: string,
  onChoose: (text: string) => void,
): Suggestion[] | undefined {
  const { data } = useQuickReplies();
  const { user, workspace } = useSession();
  const matches = useMemo(() => matchQuickReplies(data?.items ?? [], text), [data, text]);
  return matches?.map((quickReply) => {
    const body = fillQuickReply(quickReply.body, {
      'contact.name': conversation.contact.name ?? conversation.directory.name ?? '',
      'contact.address': conversation.contact.address,
      'member.name': user.name,
      'workspace.name': workspace.name,
    });
    return {
      id: quickReply.id,
      label: `/${quickReply.shortcut}`,
      detail: body,
      choose: () => onChoose(body),
    };
  });
}
