/** Keys, size and required data of ConfigMaps and Secrets (kubernetes:pkg/apis/core/validation/validation.go@v1.36). */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../errors.ts';
import { forbiddenField, invalidValue, required } from '../errors.ts';
import type { KubeObject } from '../store.ts';
import { goSyntaxError } from '../wire/go-json.ts';

type Data = Readonly<Record<string, string>>;

const maxKeyBytes = 253;
const maxDataBytes = 1024 * 1024;
const keyComplaint =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' " +
  "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

function keyErrors(key: string, field: 'data' | 'binaryData'): FieldError[] {
  const complaints: string[] = [];
  if (key.length > maxKeyBytes) complaints.push(`must be no more than ${maxKeyBytes} bytes`);
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) complaints.push(keyComplaint);
  if (key === '.' || key === '..') complaints.push(`must not be '${key}'`);
  else if (key.startsWith('..')) complaints.push("must not start with '..'");
  return complaints.map((complaint) => invalidValue(`${field}[${key}]`, key, complaint));
}

const tooLong = (field: string): FieldError => ({
  reason: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${maxDataBytes} bytes`,
});

const textBytes = (data: Data): number => Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
const encodedBytes = (data: Data): number =>
  Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);

function immutableErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  if (old?.['immutable'] !== true) return [];
  const fields = ['data', 'binaryData'].filter((field) => !isDeepStrictEqual(object[field] ?? {}, old[field] ?? {}));
  const words = 'field is immutable when `immutable` is set';
  return [
    ...(object['immutable'] === true ? [] : [forbiddenField('immutable', words)]),
    ...fields.map((field) => forbiddenField(field, words)),
  ];
}

export function configMapErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const data = (object['data'] ?? {}) as Data;
  const binary = (object['binaryData'] ?? {}) as Data;
  const errors = [
    ...Object.keys(data).flatMap((key) => [
      ...keyErrors(key, 'data'),
      ...(binary[key] === undefined
        ? []
        : [invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')]),
    ]),
    ...Object.keys(binary).flatMap((key) => keyErrors(key, 'binaryData')),
  ];
  if (textBytes(data) + encodedBytes(binary) > maxDataBytes) errors.push(tooLong('[]'));
  return [...immutableErrors(object, old), ...errors];
}

/** What a Secret of a type must contain; the strange paths are the server's. */
const contents: Readonly<Record<string, readonly { readonly key: string; readonly field: string }[]>> = {
  'kubernetes.io/dockercfg': [{ key: '.dockercfg', field: 'data[.dockercfg]' }],
  'kubernetes.io/dockerconfigjson': [{ key: '.dockerconfigjson', field: 'data[.dockerconfigjson]' }],
  'kubernetes.io/ssh-auth': [{ key: 'ssh-privatekey', field: 'data[%s][ssh-privatekey]' }],
  'kubernetes.io/tls': [
    { key: 'tls.crt', field: 'data[tls.crt]' },
    { key: 'tls.key', field: 'data[tls.key]' },
  ],
};

const text = (encoded: string): string => Buffer.from(encoded, 'base64').toString('utf8');

function contentErrors(type: string, data: Data): FieldError[] {
  if (type === 'kubernetes.io/basic-auth' && data['username'] === undefined && data['password'] === undefined) {
    return ['username', 'password'].map((key) => required(`data[%s][${key}]`, ''));
  }
  return (contents[type] ?? []).flatMap(({ key, field }) => {
    const value = data[key];
    if (value === undefined) return [required(field, '')];
    const fault = key.startsWith('.docker') ? goSyntaxError(text(value)) : undefined;
    return fault === undefined ? [] : [invalidValue(field, '<secret contents redacted>', fault)];
  });
}

export function secretErrors(object: KubeObject, old: KubeObject | undefined): FieldError[] {
  const data = (object['data'] ?? {}) as Data;
  const type = object['type'] as string;
  const errors = Object.keys(data).flatMap((key) => keyErrors(key, 'data'));
  if (encodedBytes(data) > maxDataBytes) errors.push(tooLong('data'));
  errors.push(...contentErrors(type, data));
  const account = 'kubernetes.io/service-account.name';
  if (type === 'kubernetes.io/service-account-token' && (object.metadata.annotations?.[account] ?? '') === '')
    errors.push(required(`metadata.annotations[${account}]`, ''));
  const changes = old !== undefined && type !== old['type'] ? [invalidValue('type', type, 'field is immutable')] : [];
  return [...changes, ...immutableErrors(object, old), ...errors];
}
