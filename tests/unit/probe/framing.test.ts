import assert from 'node:assert/strict';
import { test } from '@playwright/test';
import fc from 'fast-check';
import { decodeFrame, encodeFrame, FrameError } from '../../../probe/framing.ts';

const nonce = 'nonce-of-this-call';
const result = { fingerprint: { byteCount: 5, sha256: 'ab' }, text: 'grün\n"end"' };

test('a result comes back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(decodeFrame(nonce, encodeFrame(nonce, value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('output cut after any byte is never a result', () => {
  const frame = Buffer.from(encodeFrame(nonce, result));
  for (let length = 0; length < frame.length; length++) {
    assert.throws(
      () => decodeFrame(nonce, frame.subarray(0, length).toString()),
      FrameError,
      `cut after ${length} bytes`,
    );
  }
});

test('output that lacks any one byte is never a result', () => {
  const frame = Buffer.from(encodeFrame(nonce, result));
  for (let at = 0; at < frame.length; at++) {
    const cut = Buffer.concat([frame.subarray(0, at), frame.subarray(at + 1)]).toString();
    assert.throws(() => decodeFrame(nonce, cut), FrameError, `without byte ${at}`);
  }
});

test('output with any one byte altered is never a result', () => {
  const frame = Buffer.from(encodeFrame(nonce, result));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: frame.length - 1 }), fc.integer({ min: 1, max: 127 }), (at, change) => {
      const altered = Buffer.from(frame);
      altered[at] = (altered[at] as number) ^ change;
      assert.throws(() => decodeFrame(nonce, altered.toString()), FrameError);
    }),
    { numRuns: 2000 },
  );
});

test('the answer to another call, two answers, and anything around an answer are no result', () => {
  const frame = encodeFrame(nonce, result);
  assert.throws(() => decodeFrame('another-nonce', frame), /another command/);
  assert.throws(() => decodeFrame(nonce, frame + frame), FrameError);
  assert.throws(() => decodeFrame(nonce, `warning\n${frame}`), FrameError);
  assert.throws(() => decodeFrame(nonce, `${frame}\n`), FrameError);
});
