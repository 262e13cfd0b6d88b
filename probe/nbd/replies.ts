import * as nbd from './protocol.ts';

/** A request on its way. `target` is what a read fills; other commands have none. */
export interface PendingRequest {
  readonly command: number;
  readonly offsetBytes: number;
  readonly target: Uint8Array | undefined;
  /** Stretches of a read that chunks have answered, relative to its start. */
  readonly answered: { readonly from: number; readonly to: number }[];
  error: string | undefined;
  readonly settle: (error: string | undefined) => void;
}

export interface ReplyContext {
  readonly structuredReplies: boolean;
  readonly pending: Map<bigint, PendingRequest>;
}

function find(context: ReplyContext, cookie: bigint): PendingRequest {
  const request = context.pending.get(cookie);
  if (!request) throw new Error(`a reply to a request that was never sent (cookie ${cookie})`);
  return request;
}

function finish(context: ReplyContext, cookie: bigint, request: PendingRequest): void {
  context.pending.delete(cookie);
  request.settle(request.error);
}

/** Takes note of a chunk's stretch; it must lie in the request and may not be answered twice. */
function answer(request: PendingRequest, absoluteBytes: bigint, lengthBytes: number): Uint8Array {
  const { target, answered } = request;
  const from = Number(absoluteBytes - BigInt(request.offsetBytes));
  const to = from + lengthBytes;
  if (!target || from < 0 || to > target.length || lengthBytes === 0) {
    throw new Error(
      `a chunk of ${lengthBytes} bytes at ${absoluteBytes} answers a request for ${target?.length ?? 0} bytes at ${request.offsetBytes}`,
    );
  }
  if (answered.some((other) => from < other.to && other.from < to)) {
    throw new Error(`two chunks answer the same bytes at ${absoluteBytes}`);
  }
  answered.push({ from, to });
  return target.subarray(from, to);
}

function requireComplete(request: PendingRequest): void {
  if (request.error !== undefined || !request.target) return;
  const count = request.answered.reduce((sum, { from, to }) => sum + to - from, 0);
  if (count !== request.target.length) {
    request.error = `short reply: ${count} of ${request.target.length} bytes`;
  }
}

function* simpleReply(context: ReplyContext, rest: Buffer): Generator<Uint8Array, void, void> {
  const request = find(context, rest.readBigUInt64BE(4));
  const code = rest.readUInt32BE(0);
  if (context.structuredReplies && request.target)
    throw new Error('a simple reply to a read, although structured replies were agreed');
  if (code !== 0) request.error = nbd.errorName(code);
  else if (request.target) yield request.target;
  finish(context, rest.readBigUInt64BE(4), request);
}

function* errorChunk(request: PendingRequest, data: Uint8Array): Generator<Uint8Array, void, void> {
  yield data;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (bytes.length < 6) throw new Error('an error chunk without an error');
  const text = bytes.subarray(6, 6 + bytes.readUInt16BE(4)).toString();
  request.error = nbd.errorName(bytes.readUInt32BE(0)) + (text ? `: ${text}` : '');
}

function* structuredChunk(context: ReplyContext, head: Buffer): Generator<Uint8Array, void, void> {
  const flags = head.readUInt16BE(0);
  const type = head.readUInt16BE(2);
  const cookie = head.readBigUInt64BE(4);
  const lengthBytes = head.readUInt32BE(12);
  const request = find(context, cookie);
  const place = Buffer.alloc(8);
  if ((type & nbd.chunkErrorBit) !== 0 && lengthBytes <= 2 * nbd.longestText) {
    yield* errorChunk(request, Buffer.alloc(lengthBytes));
  } else if (type === nbd.chunkTypes.offsetData && lengthBytes > 8) {
    yield place;
    yield answer(request, place.readBigUInt64BE(0), lengthBytes - 8);
  } else if (type === nbd.chunkTypes.offsetHole && lengthBytes === 12) {
    const size = Buffer.alloc(4);
    yield place;
    yield size;
    answer(request, place.readBigUInt64BE(0), size.readUInt32BE(0)).fill(0);
  } else if (type !== nbd.chunkTypes.none || lengthBytes !== 0) {
    throw new Error(`an unknown chunk of type ${type} and ${lengthBytes} bytes`);
  }
  if ((flags & nbd.chunkFlagDone) === 0) return;
  requireComplete(request);
  finish(context, cookie, request);
}

/** Reads replies for ever and settles the requests they answer; throws when the server breaks the protocol. */
export function* readReplies(context: ReplyContext): Generator<Uint8Array, void, void> {
  const magic = Buffer.alloc(4);
  const simpleRest = Buffer.alloc(12);
  const structuredRest = Buffer.alloc(16);
  for (;;) {
    yield magic;
    const found = magic.readUInt32BE(0);
    if (found === nbd.simpleReplyMagic) {
      yield simpleRest;
      yield* simpleReply(context, simpleRest);
    } else if (found === nbd.structuredReplyMagic && context.structuredReplies) {
      yield structuredRest;
      yield* structuredChunk(context, structuredRest);
    } else throw new Error(`expected a reply, found 0x${found.toString(16)}`);
  }
}
