/** Kubernetes' protobuf envelope and messages, decoded into the objects that JSON would have given. */
import { badRequest } from '../errors.ts';
import type { Payload } from '../store.ts';
import { messageFields } from './messages.ts';

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

interface RawField {
  readonly number: number;
  readonly value: bigint | Buffer;
}

function* rawFields(bytes: Buffer): Generator<RawField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) throw badRequest('unexpected EOF in a protobuf body');
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw badRequest('unexpected EOF in a protobuf body');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        yield { number, value: take(8) };
        break;
      case 2:
        yield { number, value: take(Number(varint())) };
        break;
      case 5:
        yield { number, value: take(4) };
        break;
      default:
        throw badRequest(`proto: illegal wireType ${tag & 7}`);
    }
  }
}

function timeText(bytes: Buffer): string | undefined {
  const fields = new Map([...rawFields(bytes)].map(({ number, value }) => [number, value]));
  const seconds = fields.get(1);
  if (typeof seconds !== 'bigint') return undefined;
  const nanos = Number((fields.get(2) as bigint | undefined) ?? 0n);
  const text = new Date(Number(seconds) * 1000).toISOString();
  return nanos === 0
    ? text.replace(/\.\d{3}Z$/, 'Z')
    : text.replace(/\.\d{3}Z$/, `.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z`);
}

function intOrString(bytes: Buffer): Payload {
  const fields = new Map([...rawFields(bytes)].map(({ number, value }) => [number, value]));
  const isText = fields.get(1) === 1n;
  return isText ? (fields.get(3) as Buffer).toString('utf8') : Number((fields.get(2) as bigint | undefined) ?? 0n);
}

/** One value; undefined when it is the zero value of a type whose zero means absent. */
function decodeScalar(type: string, value: bigint | Buffer): Payload {
  if (typeof value === 'bigint') {
    if (type === 'b' || type === 'B') return value === 0n && type === 'b' ? undefined : value !== 0n;
    return value === 0n && type === 'i' ? undefined : Number(value);
  }
  switch (type) {
    case 's':
      return value.length === 0 ? undefined : value.toString('utf8');
    case 'y':
      return value.toString('base64');
    case 't':
      return timeText(value);
    case 'x':
      return intOrString(value);
    case 'q':
      return [...rawFields(value)].map((field) => (field.value as Buffer).toString('utf8'))[0] ?? '0';
    default: {
      const message = decodeMessage(type, value);
      return Object.keys(message).length === 0 ? undefined : message;
    }
  }
}

function decodeEntry(type: string, bytes: Buffer): [string, Payload] {
  let key = '';
  let value: Payload = type === 's' || type === 'y' ? '' : undefined;
  for (const field of rawFields(bytes)) {
    if (field.number === 1) key = (field.value as Buffer).toString('utf8');
    else value = decodeScalar(type, field.value) ?? value;
  }
  return [key, value];
}

function decodeMessage(message: string, bytes: Buffer): Record<string, Payload> {
  const fields = messageFields(message);
  if (fields === undefined)
    throw badRequest(`a ${message} in protobuf is not understood by the embedded cluster; send it as application/json`);
  const result: Record<string, Payload> = {};
  for (const { number, value } of rawFields(bytes)) {
    const field = fields.get(number);
    if (field === undefined) {
      // An empty message or string says nothing, whatever its name.
      if (typeof value !== 'bigint' && value.length === 0) continue;
      throw badRequest(
        `field ${number} of ${message} in protobuf is not understood by the embedded cluster; send it as application/json`,
      );
    }
    const { name, type } = field;
    const inner = type.slice(1, -1);
    if (type.startsWith('[')) {
      const item: Payload = decodeScalar(inner, value) ?? (inner === 's' ? '' : {});
      result[name] = [...((result[name] as Payload[] | undefined) ?? []), item];
    } else if (type.startsWith('{')) {
      const [key, item] = decodeEntry(inner, value as Buffer);
      result[name] = { ...result[name], [key]: item };
    } else {
      const decoded: Payload = decodeScalar(type, value);
      if (decoded !== undefined) result[name] = decoded;
    }
  }
  return result;
}

/** @throws StatusError 400 for bodies that are damaged or of a kind or field that is not in the table. */
export function decodeProtobuf(body: Buffer): Payload {
  if (!body.subarray(0, magic.length).equals(magic))
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  let apiVersion = '';
  let kind = '';
  let raw: Buffer = Buffer.alloc(0);
  for (const { number, value } of rawFields(body.subarray(magic.length))) {
    if (number === 1) {
      for (const part of rawFields(value as Buffer)) {
        if (part.number === 1) apiVersion = (part.value as Buffer).toString('utf8');
        else if (part.number === 2) kind = (part.value as Buffer).toString('utf8');
      }
    } else if (number === 2) raw = value as Buffer;
  }
  return { kind, apiVersion, ...decodeMessage(kind, raw) };
}
