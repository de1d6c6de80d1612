const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const LOCAL = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Longest text looked at; fractions of a second are not written with more digits. */
const MAX_LENGTH = 64;

/** RFC 3339, full-date. */
export function isDate(text: string): boolean {
  const found = text.length === 10 ? DATE.exec(text) : null;
  if (!found) return false;
  const year = Number(found[1]);
  const month = Number(found[2]);
  const day = Number(found[3]);
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= DAYS[month - 1]! + (leap ? 1 : 0);
}

/** RFC 3339, full-time. A 60th second stands only at the end of a day in UTC (5.7). */
export function isTime(text: string): boolean {
  const found = text.length <= MAX_LENGTH ? TIME.exec(text) : null;
  if (!found) return false;
  const [, hours, minutes, seconds, sign, offsetHours, offsetMinutes] = found;
  const hour = Number(hours);
  const minute = Number(minutes);
  const second = Number(seconds);
  const shiftHours = Number(offsetHours ?? 0);
  const shiftMinutes = Number(offsetMinutes ?? 0);
  if (hour > 23 || minute > 59 || second > 60 || shiftHours > 23 || shiftMinutes > 59) return false;
  if (second < 60) return true;
  const shift = (shiftHours * 60 + shiftMinutes) * (sign === '-' ? -1 : 1);
  return (hour * 60 + minute - shift + 2 * 1440) % 1440 === 1439;
}

/** RFC 3339, date-time. */
export const isDateTime = (text: string): boolean =>
  (text[10] === 'T' || text[10] === 't') && isTime(text.slice(11, 12 + MAX_LENGTH)) && isDate(text.slice(0, 10));

export function isLocalTime(text: string): boolean {
  const found = text.length <= MAX_LENGTH ? LOCAL.exec(text) : null;
  return found !== null && Number(found[1]) < 24 && Number(found[2]) < 60 && Number(found[3]) < 60;
}

export const isLocalDateTime = (text: string): boolean =>
  (text[10] === 'T' || text[10] === 't') && isLocalTime(text.slice(11, 12 + MAX_LENGTH)) && isDate(text.slice(0, 10));

const CLOCK = '\\d+(?:S|M(?:\\d+S)?|H(?:\\d+M(?:\\d+S)?)?)';
const CALENDAR = '\\d+(?:D|M(?:\\d+D)?|Y(?:\\d+M(?:\\d+D)?)?)';
const DURATION = new RegExp(`^P(?:T${CLOCK}|${CALENDAR}(?:T${CLOCK})?|\\d+W)$`);

/** RFC 3339, appendix A, duration. */
export const isDuration = (text: string): boolean => text.length <= 200 && DURATION.test(text);

/** RFC 9110, 5.6.7, the preferred form. */
const HTTP_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;
export const isHttpDate = (text: string): boolean => text.length === 29 && HTTP_DATE.test(text);
