import assert from 'node:assert/strict';
import { test } from '@playwright/test';
import { createProbeClient } from '../../../helpers/probe/client.ts';
import type { ProbeClient } from '../../../helpers/probe/client.ts';
import { ProbeFailed, ProbeNoResult } from '../../../helpers/probe/errors.ts';
import type { ExecResult } from '../../../helpers/probe/exec.ts';
import { encodeFrame } from '../../../probe/framing.ts';

const sizeBytes = 2 * 1024 * 1024;
const shape = { requestBytes: 65536, phaseBytes: 0, depth: 8 };
const fingerprint = { byteCount: sizeBytes, sha256: 'a'.repeat(64), mibSha256: ['b'.repeat(64), 'c'.repeat(64)] };

function nonceOf(command: readonly string[]): string {
  return command[command.indexOf('--nonce') + 1] ?? '';
}

/** A client whose command ends as told; `answer` gets the call's nonce. */
function clientAnswering(
  answer: (nonce: string, command: readonly string[]) => Partial<ExecResult> | Error,
  devicePath = '/dev/subject',
): ProbeClient {
  return createProbeClient({
    exec: (command) => {
      const outcome = answer(nonceOf(command), command);
      return outcome instanceof Error
        ? Promise.reject(outcome)
        : Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...outcome });
    },
    probePath: '/probe/probe.cjs',
    planPath: '/probe/plan.json',
    expectedPath: '/probe/expected.json',
    devicePath,
    sizeBytes,
    signal: new AbortController().signal,
  });
}

const pass = (client: ProbeClient): Promise<unknown> => client.pass({ shape, timeoutMs: 1000 });

test('a complete frame of this call is the result', async () => {
  const client = clientAnswering((nonce) => ({ stdout: encodeFrame(nonce, { fingerprint, wrongMibs: [] }) }));
  assert.deepEqual(await pass(client), { fingerprint, wrongMibs: [] });
});

for (const { what, answer, says } of [
  { what: 'a lost connection', answer: () => new Error('socket hang up'), says: /socket hang up/ },
  { what: 'no output', answer: () => ({}), says: /no output/ },
  {
    what: 'cut output',
    answer: (nonce: string) => ({ stdout: encodeFrame(nonce, { fingerprint }).slice(0, -9) }),
    says: /ends early/,
  },
  {
    what: 'the answer to another call',
    answer: () => ({ stdout: encodeFrame('other-nonce', { fingerprint }) }),
    says: /another command/,
  },
  {
    what: 'a killed probe',
    answer: (nonce: string) => ({ exitCode: 137, stdout: encodeFrame(nonce, { fingerprint }) }),
    says: /137 \(killed, perhaps for its memory/,
  },
  {
    what: 'fewer bytes than the device has',
    answer: (nonce: string) => ({ stdout: encodeFrame(nonce, { fingerprint: { ...fingerprint, byteCount: 512 } }) }),
    says: /512 of 2097152/,
  },
  {
    what: 'fewer digests than the device has MiBs',
    answer: (nonce: string) => ({ stdout: encodeFrame(nonce, { fingerprint: { ...fingerprint, mibSha256: [] } }) }),
    says: /0 of 2097152/,
  },
]) {
  test(`${what} is no result`, async () => {
    await assert.rejects(pass(clientAnswering(answer)), (error) => {
      assert.ok(error instanceof ProbeNoResult);
      assert.match(error.message, says);
      return true;
    });
  });
}

test('what the probe says about its failure is passed on, with its kind', async () => {
  const stderr = 'progress 0 100\nprobe: read: reading 512 bytes at 0 of /dev/subject failed: EIO\n';
  await assert.rejects(pass(clientAnswering(() => ({ exitCode: 69, stderr }))), (error) => {
    assert.ok(error instanceof ProbeFailed);
    assert.equal(error.state, 'read');
    assert.match(error.message, /^probe pass: read: reading 512 bytes at 0/);
    return true;
  });
});

test('plain checksums need the digest, a good end of dd and every byte', async () => {
  const digest = `${'a'.repeat(64)}  -\n`;
  const dd = (bytes: number, exitCode: number): string =>
    `2+0 records in\n2+0 records out\n${bytes} bytes (2.1 MB) copied\ndd-exit-code=${exitCode}\n`;
  const run = (result: Partial<ExecResult>) => clientAnswering(() => result).plainChecksum({ timeoutMs: 1000 });
  assert.deepEqual(await run({ stdout: digest, stderr: dd(sizeBytes, 0) }), {
    ...{ state: 'done', sha256: 'a'.repeat(64), byteCount: sizeBytes },
    tool: 'dd iflag=direct bs=1M | sha256sum',
  });
  await assert.rejects(run({ stdout: digest, stderr: dd(sizeBytes - 512, 0) }), ProbeNoResult);
  await assert.rejects(run({ stdout: digest, stderr: dd(sizeBytes, 1) }), ProbeNoResult);
  await assert.rejects(run({ stdout: digest, stderr: '' }), ProbeNoResult);
  await assert.rejects(run({ stdout: '', stderr: dd(sizeBytes, 0) }), ProbeNoResult);
});

test('a plain checksum of an NBD export is skipped with its reason', async () => {
  const client = clientAnswering(() => new Error('must not be called'), 'nbd+unix:///?socket=/s');
  const skipped = await client.plainChecksum({ timeoutMs: 1000 });
  assert.ok(skipped.state === 'skipped' && skipped.reason.includes('nbd+unix'));
});
