import { isEmail, isHostname, isIdnEmail, isIdnHostname, isIpv4, isIpv6 } from './net.ts';
import { isDecimalText, isDouble, isFloat, whole, wholeText } from './number.ts';
import { isBase64, isBase64Url, isJsonPointer, isRegex, isRelativeJsonPointer, isUuid } from './text.ts';
import { isDate, isDateTime, isDuration, isHttpDate, isLocalDateTime, isLocalTime, isTime } from './time.ts';
import { isIri, isIriReference, isUri, isUriReference, isUriTemplate } from './uri.ts';

/** What a format demands of values of one type; values of other types it lets be. Every check is linear in the text. */
export interface Format {
  readonly text?: (text: string) => boolean;
  readonly number?: (value: number) => boolean;
  /** A format of numbers, where the schema says `type: string`. */
  readonly numeral?: (text: string) => boolean;
  /** Bytes may stand for the text. */
  readonly bytes?: boolean;
}

const text = (check: (text: string) => boolean): Format => ({ text: check });
const int = (bits: number, signed = true): Format => ({
  number: whole(bits, signed),
  numeral: wholeText(bits, signed),
});

/** The formats that are enforced: JSON Schema 2020-12 (validation, 7.3), OpenAPI, and its format registry. */
export const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['date', text(isDate)],
  ['time', text(isTime)],
  ['date-time', text(isDateTime)],
  ['date-time-local', text(isLocalDateTime)],
  ['time-local', text(isLocalTime)],
  ['duration', text(isDuration)],
  ['http-date', text(isHttpDate)],
  ['email', text(isEmail)],
  ['idn-email', text(isIdnEmail)],
  ['hostname', text(isHostname)],
  ['host-name', text(isHostname)],
  ['idn-hostname', text(isIdnHostname)],
  ['ipv4', text(isIpv4)],
  ['ip-address', text(isIpv4)],
  ['ipv6', text(isIpv6)],
  ['uri', text(isUri)],
  ['uri-reference', text(isUriReference)],
  ['iri', text(isIri)],
  ['iri-reference', text(isIriReference)],
  ['uri-template', text(isUriTemplate)],
  ['uuid', text(isUuid)],
  ['json-pointer', text(isJsonPointer)],
  ['relative-json-pointer', text(isRelativeJsonPointer)],
  ['regex', text(isRegex)],
  ['byte', { text: isBase64, bytes: true }],
  ['base64url', text(isBase64Url)],
  ['char', text((value) => value.length === 1 || (value.length === 2 && value.codePointAt(0)! > 0xffff))],
  ['binary', { bytes: true }],
  ['password', {}],
  ['int8', int(8)],
  ['int16', int(16)],
  ['int32', int(32)],
  ['int64', int(64)],
  ['uint8', int(8, false)],
  ['uint16', int(16, false)],
  ['uint32', int(32, false)],
  ['uint64', int(64, false)],
  ['float', { number: isFloat, numeral: isDecimalText }],
  ['double', { number: isDouble, numeral: isDecimalText }],
  ['double-int', { number: (value) => Number.isSafeInteger(value) }],
  ['decimal', { number: isDouble, numeral: isDecimalText }],
  ['unixtime', { number: (value) => Number.isSafeInteger(value) }],
]);
