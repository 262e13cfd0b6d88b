/**
 * The formats of texts that the schemas of custom resources can ask for
 * (kube-openapi:pkg/validation/strfmt, apiextensions-apiserver:pkg/apiserver/validation/formats.go@v0.36.2).
 */
import { isIP, isIPv4, isIPv6 } from 'node:net';

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const hostname = new RegExp(`^${label}(?:\\.${label})*\\.?$`);
const hex = (digits: number): string => `[0-9a-f]{${digits}}`;
const uuid = (version: string, variant: string): RegExp =>
  new RegExp(`^${hex(8)}-?${hex(4)}-?${version}-?${variant}-?${hex(12)}$`, 'i');
const goDuration = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const wordyDuration =
  /^\d+(?:\.\d+)?\s*(?:ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)$/;

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

function isDateTime(text: string): boolean {
  const [, date = '', hour, minute, second] =
    /^(.{10})[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  return isDate(date) && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}

function isCidr(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)\/(\d+)$/.exec(text) ?? [];
  return isIP(address) !== 0 && Number(bits) <= (isIPv4(address) ? 32 : 128);
}

const matches =
  (pattern: RegExp) =>
  (text: string): boolean =>
    pattern.test(text);

const checks: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  datetime: isDateTime,
  duration: (text) => goDuration.test(text) || wordyDuration.test(text),
  email: matches(/^(?:[^<>]*<)?[^\s@<>]+@[^\s@<>]+>?$/),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCidr,
  mac: matches(/^(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$|^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i),
  uri: matches(/^(?:[a-zA-Z][a-zA-Z0-9+.-]*:\S+|\/\S*)$/),
  hostname: (text) => text.length <= 255 && hostname.test(text),
  uuid: matches(uuid(hex(4), hex(4))),
  uuid3: matches(uuid(`3${hex(3)}`, hex(4))),
  uuid4: matches(uuid(`4${hex(3)}`, `[89ab]${hex(3)}`)),
  uuid5: matches(uuid(`5${hex(3)}`, `[89ab]${hex(3)}`)),
  byte: matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  hexcolor: matches(/^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/),
};

// Known and not looked into here.
const unchecked: ReadonlySet<string> = new Set([
  'bsonobjectid',
  'isbn',
  'isbn10',
  'isbn13',
  'creditcard',
  'ssn',
  'rgbcolor',
  'password',
  'k8sshortname',
  'k8slongname',
]);

const normalized = (format: string): string => format.replaceAll('-', '');

/** Whether a text is not of a format; formats that nobody knows hold always. */
export function breaksFormat(format: string, text: string): boolean {
  return checks[normalized(format)]?.(text) === false;
}

/** Whether a definition is warned of for a format (apiextensions-apiserver: GetUnrecognizedFormats). */
export function isRecognizedFormat(type: string | undefined, format: string): boolean {
  if (type === 'integer') return format === 'int32' || format === 'int64';
  if (type === 'number') return format === 'float' || format === 'double';
  return (
    (type === undefined || type === 'string') &&
    (checks[normalized(format)] !== undefined || unchecked.has(normalized(format)))
  );
}
