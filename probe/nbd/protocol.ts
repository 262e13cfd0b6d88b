/** Numbers of the NBD protocol (NetworkBlockDevice/nbd:doc/proto.md), all integers big-endian. */

export const initMagic = 0x4e42444d41474943n;
export const optionMagic = 0x49484156454f5054n;
export const optionReplyMagic = 0x3e889045565a9n;
export const requestMagic = 0x25609513;
export const simpleReplyMagic = 0x67446698;
export const structuredReplyMagic = 0x668e33ef;

/** Handshake flags of the server; the client answers with the same bits. */
export const handshakeFlags = { fixedNewstyle: 1, noZeroes: 2 } as const;

export const options = { go: 7, structuredReply: 8 } as const;
export const optionReplies = { ack: 1, info: 3 } as const;
/** Option replies from here on are errors. */
export const firstOptionError = 0x8000_0000;

export const infoTypes = { export: 0, blockSize: 3 } as const;

export const transmissionFlags = { readOnly: 2, sendFlush: 4, sendFua: 8, sendTrim: 32, sendWriteZeroes: 64 } as const;

export const commands = { read: 0, write: 1, disconnect: 2, flush: 3, trim: 4, writeZeroes: 6 } as const;
export const commandFlagFua = 1;

export const chunkFlagDone = 1;
export const chunkTypes = { none: 0, offsetData: 1, offsetHole: 2 } as const;
/** Chunk types with this bit are errors. */
export const chunkErrorBit = 0x8000;

/** No server needs longer error texts or option data than the protocol's limit on strings. */
export const longestText = 4096;

const errorNames: Readonly<Record<number, string>> = {
  1: 'EPERM',
  5: 'EIO',
  12: 'ENOMEM',
  22: 'EINVAL',
  28: 'ENOSPC',
  75: 'EOVERFLOW',
  95: 'ENOTSUP',
  108: 'ESHUTDOWN',
};

export function errorName(code: number): string {
  return errorNames[code] ?? `error ${code}`;
}
