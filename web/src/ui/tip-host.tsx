// Draws the one tooltip of the app beside its anchor, on the side where there is room.
import { useEffect, useLayoutEffect, useRef } from 'react';
import { Kbd } from './kbd.tsx';
import { hideTip, keepTip, type Side, useTip } from './tooltip.tsx';

const gap = 6;
const margin = 8;
const opposite: Readonly<Record<Side, Side>> = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' };

export function TipHost() {
  const tip = useTip((state) => state.tip);
  const element = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    if (!tip || !element.current) return;
    const anchor = tip.anchor.getBoundingClientRect();
    const own = element.current.getBoundingClientRect();
    const { left, top } = place(anchor, own, tip.side);
    Object.assign(element.current.style, { left: `${left}px`, top: `${top}px` });
  }, [tip]);

  useEffect(() => {
    if (!tip) return;
    const onKey = () => hideTip();
    const onScroll = () => hideTip();
    document.addEventListener('keydown', onKey, true);
    document.addEventListener('scroll', onScroll, true);
    return () => {
      document.removeEventListener('keydown', onKey, true);
      document.removeEventListener('scroll', onScroll, true);
    };
  }, [tip]);

  if (!tip) return null;
  return (
    <div
      ref={element}
      role="tooltip"
      onPointerEnter={keepTip}
      onPointerLeave={() => hideTip()}
      className="fixed top-0 left-0 z-60 flex w-max max-w-72 animate-fade-in items-center gap-2 rounded-small bg-text px-2 py-1 text-meta text-surface"
    >
      {tip.text}
      {tip.keys && <Kbd keys={tip.keys} />}
    </div>
  );
}

function place(anchor: DOMRect, own: DOMRect, wanted: Side): { left: number; top: number } {
  const room: Readonly<Record<Side, number>> = {
    top: anchor.top - own.height,
    bottom: innerHeight - anchor.bottom - own.height,
    left: anchor.left - own.width,
    right: innerWidth - anchor.right - own.width,
  };
  const side =
    room[wanted] >= gap + margin || room[opposite[wanted]] < room[wanted] ? wanted : opposite[wanted];
  const across = side === 'top' || side === 'bottom';
  const left = across
    ? anchor.left + (anchor.width - own.width) / 2
    : side === 'left'
      ? anchor.left - own.width - gap
      : anchor.right + gap;
  const top = across
    ? side === 'top'
      ? anchor.top - own.height - gap
      : anchor.bottom + gap
    : anchor.top + (anchor.height - own.height) / 2;
  return {
    left: Math.max(margin, Math.min(left, innerWidth - own.width - margin)),
    top: Math.max(margin, Math.min(top, innerHeight - own.height - margin)),
  };
}
