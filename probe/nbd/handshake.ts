import * as nbd from './protocol.ts';

/** What the server offers, as agreed in the handshake. */
export interface NbdExport {
  readonly sizeBytes: number;
  readonly flags: number;
  /** Smallest unit of a request; 1 where the server names none. */
  readonly minimumBlockBytes: number;
  readonly maximumRequestBytes: number;
  readonly structuredReplies: boolean;
}

/** What the protocol lets a client send to a server that names no limit. */
const usualMaximumBytes = 32 * 1024 * 1024;

function option(code: number, data: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeBigUInt64BE(nbd.optionMagic, 0);
  head.writeUInt32BE(code, 8);
  head.writeUInt32BE(data.length, 12);
  return Buffer.concat([head, data]);
}

interface OptionReply {
  readonly type: number;
  readonly data: Buffer;
}

function* readOptionReply(code: number): Generator<Uint8Array, OptionReply, void> {
  const head = Buffer.alloc(20);
  yield head;
  if (head.readBigUInt64BE(0) !== nbd.optionReplyMagic || head.readUInt32BE(8) !== code) {
    throw new Error(`the answer to option ${code} is none`);
  }
  const data = Buffer.alloc(Math.min(head.readUInt32BE(16), 2 * nbd.longestText));
  if (data.length !== head.readUInt32BE(16)) throw new Error(`the answer to option ${code} is too long`);
  yield data;
  return { type: head.readUInt32BE(12), data };
}

function* greet(send: (bytes: Buffer) => void): Generator<Uint8Array, void, void> {
  const greeting = Buffer.alloc(18);
  yield greeting;
  if (greeting.readBigUInt64BE(0) !== nbd.initMagic || greeting.readBigUInt64BE(8) !== nbd.optionMagic) {
    throw new Error('the server does not greet as an NBD server of the newstyle');
  }
  const flags = greeting.readUInt16BE(16);
  if ((flags & nbd.handshakeFlags.fixedNewstyle) === 0) throw new Error('the server does not speak fixed newstyle');
  const answer = Buffer.alloc(4);
  answer.writeUInt32BE(flags & (nbd.handshakeFlags.fixedNewstyle | nbd.handshakeFlags.noZeroes));
  send(answer);
}

function* go(
  send: (bytes: Buffer) => void,
  exportName: string,
): Generator<Uint8Array, Omit<NbdExport, 'structuredReplies'>, void> {
  const name = Buffer.from(exportName);
  const request = Buffer.alloc(4 + name.length + 4);
  request.writeUInt32BE(name.length, 0);
  name.copy(request, 4);
  request.writeUInt16BE(1, 4 + name.length);
  request.writeUInt16BE(nbd.infoTypes.blockSize, 6 + name.length);
  send(option(nbd.options.go, request));

  let size: { sizeBytes: number; flags: number } | undefined;
  let blocks = { minimumBlockBytes: 1, maximumRequestBytes: usualMaximumBytes };
  for (;;) {
    const { type, data } = yield* readOptionReply(nbd.options.go);
    if (type === nbd.optionReplies.ack) break;
    if (type >= nbd.firstOptionError) {
      throw new Error(
        `the server refuses the export "${exportName}" (0x${type.toString(16)}): ${data.toString() || 'no reason given'}`,
      );
    }
    if (type !== nbd.optionReplies.info || data.length < 2) continue;
    const info = data.readUInt16BE(0);
    if (info === nbd.infoTypes.export && data.length === 12) {
      size = { sizeBytes: Number(data.readBigUInt64BE(2)), flags: data.readUInt16BE(10) };
    } else if (info === nbd.infoTypes.blockSize && data.length === 14) {
      blocks = { minimumBlockBytes: data.readUInt32BE(2), maximumRequestBytes: data.readUInt32BE(10) };
    }
  }
  if (size === undefined) throw new Error('the server did not tell the size of the export');
  return { ...size, ...blocks };
}

/** Fixed newstyle: structured replies where the server has them, then NBD_OPT_GO. `send` writes to the server. */
export function* handshake(send: (bytes: Buffer) => void, exportName: string): Generator<Uint8Array, NbdExport, void> {
  yield* greet(send);
  send(option(nbd.options.structuredReply, Buffer.alloc(0)));
  const { type } = yield* readOptionReply(nbd.options.structuredReply);
  const agreed = yield* go(send, exportName);
  return { ...agreed, structuredReplies: type === nbd.optionReplies.ack };
}
