// What is true for this moment only: the realtime connection, who is writing where, what the assistant writes just now. Filled
// by app/live.ts; nothing of it is kept.
import type { LiveFrame } from '@parley/contract/realtime';
import { create } from 'zustand';
import type { RealtimeState } from './realtime.ts';

/** A member who writes on is told of every few seconds; after this silence they have stopped. */
const typingMsMax = 6000;
/** A turn of the assistant whose end was not heard of. */
const writingMsMax = 60_000;

interface Writing {
  readonly runId: string;
  /** Null: it has begun, and written nothing yet. */
  readonly text: string | null;
  readonly heardAtMs: number;
}

interface LiveState {
  readonly connection: RealtimeState['kind'];
  /** By conversation: when each member was last heard writing. */
  readonly typing: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly writing: Readonly<Record<string, Writing>>;
}

export const useLive = create<LiveState>()(() => ({ connection: 'connecting', typing: {}, writing: {} }));

export const setConnection = (connection: RealtimeState['kind']): void => useLive.setState({ connection });

/** Takes in what a live frame says. */
export function hearLiveFrame(frame: LiveFrame, nowMs: number): void {
  if (frame.kind === 'member_typing') {
    const { conversationId, userId, active } = frame;
    useLive.setState(({ typing }) => {
      const { [userId]: _before, ...others } = typing[conversationId] ?? {};
      return { typing: put(typing, conversationId, active ? { ...others, [userId]: nowMs } : others) };
    });
  }
  if (frame.kind === 'assistant_writing') {
    const { conversationId, runId, text, active } = frame;
    if (active) {
      useLive.setState(({ writing }) => ({
        writing: { ...writing, [conversationId]: { runId, text, heardAtMs: nowMs } },
      }));
    } else endWriting(conversationId);
  }
}

/** Its message is there, or it gave up. */
export function endWriting(conversationId: string): void {
  if (!useLive.getState().writing[conversationId]) return;
  useLive.setState(({ writing }) => {
    const { [conversationId]: _ended, ...others } = writing;
    return { writing: others };
  });
}

/** Lets go of what was not heard of for too long. Returns whether something is left that will grow old. */
export function forgetOld(nowMs: number): boolean {
  const { typing, writing } = useLive.getState();
  const typingLeft = Object.fromEntries(
    Object.entries(typing).flatMap(([conversationId, members]) => {
      const left = Object.entries(members).filter(([, heardAtMs]) => nowMs - heardAtMs < typingMsMax);
      return left.length > 0 ? [[conversationId, Object.fromEntries(left)]] : [];
    }),
  );
  const writingLeft = Object.fromEntries(
    Object.entries(writing).filter(([, { heardAtMs }]) => nowMs - heardAtMs < writingMsMax),
  );
  const count = (members: object) => Object.values(members).flatMap((each) => Object.keys(each)).length;
  if (count(typingLeft) !== count(typing)) useLive.setState({ typing: typingLeft });
  if (Object.keys(writingLeft).length !== Object.keys(writing).length)
    useLive.setState({ writing: writingLeft });
  return count(typingLeft) > 0 || Object.keys(writingLeft).length > 0;
}

function put<Value extends object>(record: Readonly<Record<string, Value>>, key: string, value: Value) {
  const { [key]: _before, ...others } = record;
  return Object.keys(value).length > 0 ? { ...others, [key]: value } : others;
}

type TellTyping = (conversationId: string, active: boolean) => void;
let teller: TellTyping = () => undefined;

/** The socket's side of it; see app/live.ts. @returns disconnects */
export function connectTyping(tell: TellTyping): () => void {
  teller = tell;
  return () => {
    teller = () => undefined;
  };
}

/** Tells the colleagues that the member is writing; call it again every few seconds. Dropped while not connected. */
export const tellTyping: TellTyping = (conversationId, active) => teller(conversationId, active);
