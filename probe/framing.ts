/**
 * A result on standard output, framed so that nothing cut or altered can pass for one:
 *
 *     probe-result begin NONCE LENGTH SHA256
 *     PAYLOAD (one line of JSON, LENGTH bytes)
 *     probe-result end NONCE ok
 *
 * The nonce is chosen by the caller for this one command, so an older or foreign output is no answer either. The digest
 * covers nonce and payload. Output that is not exactly one frame is no result.
 */
import { createHash } from 'node:crypto';

/** Why output is not a result. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

const noncePattern = /^[A-Za-z0-9_-]{8,64}$/;

function digest(nonce: string, payload: string): string {
  return createHash('sha256').update(`${nonce}\n${payload}`).digest('hex');
}

/** 8 to 64 letters, digits, `_` or `-`. */
export function isNonce(text: string): boolean {
  return noncePattern.test(text);
}

export function encodeFrame(nonce: string, result: unknown): string {
  const payload = JSON.stringify(result);
  const length = Buffer.byteLength(payload);
  return `probe-result begin ${nonce} ${length} ${digest(nonce, payload)}\n${payload}\nprobe-result end ${nonce} ok\n`;
}

/**
 * The result in `output`, which must be exactly one frame with this nonce.
 *
 * @throws {FrameError} with what is missing or altered
 */
export function decodeFrame(nonce: string, output: string): unknown {
  if (output.length === 0) throw new FrameError('there is no output at all');
  const headEnd = output.indexOf('\n');
  const head = headEnd < 0 ? output : output.slice(0, headEnd);
  const match = /^probe-result begin (\S+) (\d+) ([0-9a-f]{64})$/.exec(head);
  if (!match || headEnd < 0)
    throw new FrameError(`it does not begin with a result's first line, but with "${head.slice(0, 80)}"`);
  if (match[1] !== nonce)
    throw new FrameError(`it answers another command: expected nonce ${nonce}, found ${match[1]}`);
  const length = Number(match[2]);
  const rest = Buffer.from(output.slice(headEnd + 1));
  const tail = `\nprobe-result end ${nonce} ok\n`;
  if (rest.length < length + tail.length) {
    throw new FrameError(`it ends early: ${rest.length} of ${length + tail.length} bytes after the first line`);
  }
  if (rest.subarray(length).toString() !== tail) throw new FrameError('the end mark is missing or altered');
  const payload = rest.subarray(0, length).toString();
  const found = digest(nonce, payload);
  if (found !== match[3]) throw new FrameError(`its digest differs: announced ${match[3]}, found ${found}`);
  return JSON.parse(payload) as unknown;
}
