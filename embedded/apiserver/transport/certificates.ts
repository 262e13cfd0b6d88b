/** A certificate authority of one process and a certificate for the server: P-256 keys, never written to disk. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, boolean, integer, objectId, octets, sequence, set, tagged, utcTime, utf8 } from './der.ts';

export interface ServerCertificates {
  /** PEM of the authority: what clients trust. */
  readonly authority: string;
  /** PEM of the server's certificate and of its key. */
  readonly certificate: string;
  readonly key: string;
}

const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));
const dayMs = 24 * 60 * 60 * 1000;

interface Subject {
  readonly name: string;
  readonly key: { publicKey: KeyObject; privateKey: KeyObject };
}

const distinguishedName = (name: string): Buffer => sequence(set(sequence(objectId('2.5.4.3'), utf8(name))));

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function alternativeNames(hosts: readonly string[]): Buffer {
  return sequence(
    ...hosts.map((host) =>
      isIP(host) === 4
        ? tagged(0x87, Buffer.from(host.split('.').map(Number)))
        : tagged(0x82, Buffer.from(host, 'ascii')),
    ),
  );
}

function issue(subject: Subject, issuer: Subject, extensions: readonly Buffer[]): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const now = Date.now();
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256,
    distinguishedName(issuer.name),
    // An hour back, for clients whose clocks are behind.
    sequence(utcTime(new Date(now - dayMs / 24)), utcTime(new Date(now + 365 * dayMs))),
    distinguishedName(subject.name),
    subject.key.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.key.privateKey);
  const der = sequence(body, ecdsaWithSha256, bits(signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Creates a fresh authority and a server certificate for the given host names and IPv4 addresses. */
export function createServerCertificates(hosts: readonly string[]): ServerCertificates {
  const newKey = (): Subject['key'] => generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority: Subject = { name: 'embedded-ca', key: newKey() };
  const server: Subject = { name: 'kube-apiserver', key: newKey() };
  const authorityId = keyIdentifier(authority.key.publicKey);
  const authorityPem = issue(authority, authority, [
    extension('2.5.29.19', true, sequence(boolean(true))),
    // keyCertSign, cRLSign, digitalSignature
    extension('2.5.29.15', true, tagged(0x03, Buffer.from([1, 0x86]))),
    extension('2.5.29.14', false, octets(authorityId)),
  ]);
  const serverPem = issue(server, authority, [
    // A leaf: the default, spelled as DER wants it.
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.15', true, tagged(0x03, Buffer.from([7, 0x80]))),
    extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.35', false, sequence(tagged(0x80, authorityId))),
    extension('2.5.29.17', false, alternativeNames(hosts)),
  ]);
  return {
    authority: authorityPem,
    certificate: serverPem,
    key: server.key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
