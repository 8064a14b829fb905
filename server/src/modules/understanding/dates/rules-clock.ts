// Rules for times of day, parts of the day and time zones.
import { DAY, floorTo } from './calendar.ts';
import { type Rule, rule } from './chart.ts';
import {
  asClock,
  atMinute,
  dayPart,
  fullMinutes,
  hourAndMinute,
  hourOf,
  inZone,
  onDate,
  partOn,
  shifted,
  strengthOf,
  strong,
  timed,
  weakly,
  withHalf,
  withPart,
} from './clock.ts';
import { both, clockPoint, HAS, type Num, type Strength } from './nodes.ts';
import { once } from './series.ts';

export const clockRules: readonly Rule[] = [
  rule('AT NUM', (_, _at, num) => hourOf(num, 2), true),
  rule('ATLOOSELY NUM', (_, at, num) => hourOf(num, at.value === 1 ? 1 : 0), true),
  rule('HOURS NUM', (_, _las, num) => hourOf(num, 1), true),
  rule('AT CLOCK', (_, _at, time) => strong(time), true),
  rule(
    'ATLOOSELY CLOCK',
    (_, _at, time) => ({ ...time, strength: Math.max(time.strength, 1) as Strength }),
    true,
  ),
  rule(
    'HOURS CLOCK',
    (_, _las, time) => ({ ...time, strength: Math.max(time.strength, 1) as Strength }),
    true,
  ),
  rule('PRE CLOCK', (_, _pre, time) => time, true),

  rule('NUM AMPM', (_, num, half) => withHalf(hourOf(num, 0), half.value)),
  rule('CLOCK AMPM', (_, time, half) => withHalf(time, half.value)),
  rule('NUM OCLOCK AMPM', (_, num, _oclock, half) => withHalf(hourOf(num, 0), half.value)),
  rule('AMPM NUM', (context, half, num) =>
    context.language === 'en' ? null : withHalf(hourOf(num, 0), half.value),
  ),
  rule('NUM +AMPMLETTER', (_, num, half) => weakly(withHalf(hourOf(num, 0), half.value))),
  rule('CLOCK +AMPMLETTER', (_, time, half) => {
    const made = withHalf(time, half.value);
    return time.strength === 2 ? made : weakly(made);
  }),
  rule('NUM OCLOCK', (_, num, word) => hourOf(num, word.value === 1 ? 2 : 0)),
  rule('CLOCK OCLOCK', (_, time, word) => ({ ...time, strength: word.value === 1 ? 2 : time.strength })),
  rule('NUM +H', (context, num) => hourOf(num, num.value < (context.language === 'en' ? 13 : 7) ? 1 : 2)),
  rule('NUM +H +NUM', (_, hour, _h, minutes) => (minutes.digits === 2 ? atMinute(hour, minutes) : null)),
  rule('NUM H NUM', (context, hour, _h, minutes) =>
    minutes.digits === 2 && context.language !== 'en' ? atMinute(hour, minutes) : null,
  ),
  rule('NUM +H +NUM OCLOCK', (_, hour, _h, minutes) =>
    minutes.digits === 2 ? atMinute(hour, minutes) : null,
  ),
  rule('NOON', (_, word) =>
    clockPoint({ hour: word.value, minute: 0, second: 0, grain: 'hour', isAmbiguous: false }, 2),
  ),
  rule('THE CLOCK', (_, _the, time) => time, true),

  rule('NUM NUM', (_, hour, minutes) => hourAndMinute(hour, minutes, 0)),
  rule('NUM NUM NUM', (_, hour, zero, minutes) =>
    zero.value === 0 && minutes.value >= 1 && minutes.value <= 9 && !minutes.isArticle
      ? shifted(hourOf(hour, 0), fullMinutes(minutes), 0)
      : null,
  ),
  // "half past three", "quarter to 5", "20 minutes past 3pm".
  rule('FRACTION PAST NUM|CLOCK', (context, fraction, past, time) =>
    context.language === 'en' && past.value !== -2
      ? shifted(asClock(time), fraction.value * past.value, 2)
      : null,
  ),
  rule('FRACTION NUM', (context, fraction, num) =>
    context.language === 'en' && fraction.value === 30 ? shifted(hourOf(num, 0), 30, 1) : null,
  ),
  rule('NOON NUM', (_, noon, num) =>
    num.value >= 10 && !num.isVague && num.digits !== 1
      ? shifted(
          clockPoint({ hour: noon.value, minute: 0, second: 0, grain: 'hour', isAmbiguous: false }, 0),
          fullMinutes(num),
          1,
        )
      : null,
  ),
  rule('NUM PAST NUM|CLOCK', (context, num, past, time) =>
    context.language === 'en'
      ? shifted(
          asClock(time),
          fullMinutes(num) * past.value,
          num.value >= 5 && (past.value === 1 || time.cat === 'CLOCK') ? 2 : 1,
        )
      : null,
  ),
  rule('NUM UNIT PAST NUM|CLOCK', (context, num, unit, past, time) =>
    context.language === 'en' && unit.grain === 'minute'
      ? shifted(asClock(time), fullMinutes(num) * past.value, 2)
      : null,
  ),
  // "tres y media", "ocho menos cuarto", "oito e quarenta e cinco", and the other way round "quinze para as oito".
  rule('NUM|CLOCK PAST FRACTION', (context, time, past, fraction) =>
    context.language !== 'en' && past.value !== -2
      ? shifted(asClock(time), fraction.value * past.value, strengthOf(time))
      : null,
  ),
  rule('NUM|CLOCK PAST NUM', (context, time, past, num) =>
    context.language !== 'en' && past.value !== -2
      ? shifted(
          asClock(time),
          fullMinutes(num) * past.value,
          num.digits > 0 && time.cat === 'NUM' ? 0 : strengthOf(time),
        )
      : null,
  ),
  rule('NUM|CLOCK PAST NUM UNIT', (context, time, past, num, unit) =>
    context.language !== 'en' && past.value !== -2 && unit.grain === 'minute'
      ? shifted(asClock(time), fullMinutes(num) * past.value, 2)
      : null,
  ),
  rule('FRACTION|NUM PAST NUM|CLOCK', (context, minutes, past, time) =>
    context.language !== 'en' && past.value === -2
      ? shifted(asClock(time), -(minutes.cat === 'NUM' ? fullMinutes(minutes as Num) : minutes.value), 2)
      : null,
  ),
  rule('NUM UNIT PAST NUM|CLOCK', (context, num, unit, past, time) =>
    context.language !== 'en' && past.value === -2 && unit.grain === 'minute'
      ? shifted(asClock(time), -fullMinutes(num), 2)
      : null,
  ),

  rule('THE PART', (_, _the, part) => ({ ...part, strength: part.part?.name === 'lunch' ? 1 : 2 }), true),
  rule('PRE PART', (_, _pre, part) => ({ ...part, strength: part.part?.name === 'lunch' ? 1 : 2 }), true),
  // "a las 3 del mediodía"
  rule('CLOCK|NUM OF NOON', (context, time, _of, noon) =>
    context.language !== 'en' && noon.value === 12 && !(time.cat === 'NUM' && time.value === 12)
      ? withHalf(asClock(time), 12)
      : null,
  ),
  rule('DIR PART', (context, dir, part) => dayPart(context, part, dir.value)),
  rule('PART DIR', (context, part, dir) =>
    context.language === 'en' ? null : dayPart(context, part, dir.value),
  ),
  rule('AT PART', (_, _at, part) => ({ ...part, strength: part.part?.name === 'lunch' ? 1 : 2 }), true),
  rule('AT DATE', (_, _at, date) => date, true),
  rule('LATE WHEN', (_, _late, when) =>
    when.part !== null && when.clock === null && when.part.to === 24
      ? { ...when, part: { ...when.part, from: Math.max(21, when.part.from) } }
      : null,
  ),
  rule('TONIGHT', (context, word) => timed(context, word.value)),
  rule('RELATIVENIGHT', (context, word) => {
    const tonight = timed(context, 18);
    const start = floorTo(context.now, 'day') + word.value * DAY;
    return { ...tonight, days: once(start, start + DAY) };
  }),
  rule('CLOCK PART', (_, time, part) => both(time, part)),
  rule('PART CLOCK', (_, part, time) => both(part, time)),
  rule('PART COMMA CLOCK', (_, part, _comma, time) => both(part, time)),
  rule('CLOCK COMMA PART', (_, time, _comma, part) => both(time, part)),
  rule('NUM PART', (_, num, part) => withPart(hourOf(num, 0), part)),
  rule('PART NUM OCLOCK', (_, part, num, _oclock) => withPart(hourOf(num, 0), part)),
  rule('PART NUM', (_, part, num) => weakly(withPart(hourOf(num, 0), part))),
  rule('NUM WHEN', (_, num, when) =>
    when.part !== null && when.clock === null ? withPart(hourOf(num, 0), when) : null,
  ),
  rule('NUM COMMA WHEN', (_, num, _comma, when) =>
    when.part !== null && when.clock === null ? withPart(hourOf(num, 0), when) : null,
  ),
  rule('NUM DATE', (_, num, date) =>
    date.isFixed && (date.has & HAS.relative) !== 0 && date.grain === 'day'
      ? weakly(withPart(hourOf(num, 0), date))
      : null,
  ),
  rule('DATE CLOCK', (_, date, time) => onDate(date, time)),
  rule('CLOCK DATE', (_, time, date) => onDate(date, time)),
  rule('DATE COMMA CLOCK', (_, date, _comma, time) => onDate(date, time)),
  rule('CLOCK COMMA DATE', (_, time, _comma, date) => onDate(date, time)),
  rule('DATE PART', (_, date, part) => partOn(date, part)),
  rule('PART DATE', (_, part, date) => partOn(date, part)),
  rule('DATE COMMA PART', (_, date, _comma, part) => partOn(date, part)),
  rule('WHEN CLOCK', (_, when, time) => both(when, time)),
  rule('CLOCK WHEN', (_, time, when) => both(time, when)),
  rule('WHEN COMMA CLOCK', (_, when, _comma, time) => both(when, time)),
  rule('WHEN PART', (_, when, part) => both(when, part)),
  rule('PART WHEN', (_, part, when) => both(part, when)),
  rule('CLOCK COMMA WHEN', (_, time, _comma, when) => both(time, when)),
  rule('DATE NUM OCLOCK', (_, date, num, word) =>
    word.value === 0 && num.value >= 6 ? withPart(hourOf(num, 1), date) : null,
  ),

  rule('CLOCK|WHEN|PART APPROX', (_, time) => time),
  rule('NUM +APPROX', (_, num, word) => (word.value === 1 ? hourOf(num, 2) : null)),
  rule('CLOCK|WHEN ZONE', (_, time, zone) => inZone(time, zone.value)),
  rule('CLOCK|WHEN COMMA ZONE', (_, time, _comma, zone) => inZone(time, zone.value)),
  rule('ZONE PLUS NUM', (_, zone, plus, num) =>
    zone.value === 0 && num.value <= 14 && num.digits <= 2
      ? { cat: 'ZONE', value: plus.value * num.value * 60 }
      : null,
  ),
  rule('ZONE PLUS CLOCK', (_, zone, plus, time) =>
    zone.value === 0 && time.clock !== null && time.clock.hour <= 14
      ? { cat: 'ZONE', value: plus.value * (time.clock.hour * 60 + time.clock.minute) }
      : null,
  ),
].flat();
