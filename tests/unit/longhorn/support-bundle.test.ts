import { expect, test } from '@playwright/test';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { saveArchive } from '../../../helpers/longhorn/support-bundle.ts';

/** The given bytes, and then nothing more, without an end. */
function stalled(bytes: string): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push(bytes);
  return stream;
}

const usual = { sizeBytes: 4, limitBytes: 100, timeoutMs: 60_000 };

test('an archive is written as it came', async ({}, testInfo) => {
  const file = testInfo.outputPath('bundle.zip');
  await saveArchive(Readable.from([Buffer.from('PK'), Buffer.from('zz')]), { ...usual, file, signal: testSignal() });
  expect(await readFile(file, 'utf8')).toBe('PKzz');
});

for (const { claim, answer, options, why } of [
  { claim: 'stalls', answer: () => stalled('PK'), options: { timeoutMs: 50 }, why: /only 2 of 4 bytes came within/ },
  { claim: 'is cut', answer: () => Readable.from([Buffer.from('PK')]), options: {}, why: /cut after 2 of 4 bytes/ },
  {
    claim: 'is larger than it said, and than the limit',
    answer: () => Readable.from([Buffer.alloc(200)]),
    options: {},
    why: /200 bytes or more, which is over the limit/,
  },
]) {
  test(`an archive that ${claim} leaves no file, and the reason`, async ({}, testInfo) => {
    const file = testInfo.outputPath('bundle.zip');
    const saving = saveArchive(answer(), { ...usual, ...options, file, signal: testSignal() });
    await expect(saving).rejects.toThrow(why);
    expect(existsSync(file)).toBe(false);
  });
}

test('an abort ends the download at once, with its own error', async ({}, testInfo) => {
  const file = testInfo.outputPath('bundle.zip');
  const stop = new AbortController();
  const saving = saveArchive(stalled('PK'), { ...usual, file, signal: stop.signal });
  stop.abort();
  await expect(saving).rejects.toMatchObject({ name: 'AbortError' });
  expect(existsSync(file)).toBe(false);
});

function testSignal(): AbortSignal {
  return new AbortController().signal;
}
