import type { Socket } from 'node:net';
import type { ByteReader } from './byte-reader.ts';
import {
  allocationContext,
  allocationContextId,
  blockSize,
  handshakeFlag,
  info,
  magic,
  option,
  optionReply,
  transmissionFlag,
} from './protocol.ts';

/** What the client agreed to, or that it left. */
export type Negotiated =
  { kind: 'transmission'; structuredReplies: boolean; allocationContext: boolean } | { kind: 'closed' };

export interface ExportDescription {
  name: string;
  description: string;
  sizeBytes: () => number;
}

const flags =
  transmissionFlag.hasFlags |
  transmissionFlag.sendFlush |
  transmissionFlag.sendFua |
  transmissionFlag.sendTrim |
  transmissionFlag.sendWriteZeroes |
  transmissionFlag.canMultiConn |
  transmissionFlag.sendCache;
const longestOptionBytes = 64 * 1024;

/** Fixed newstyle negotiation. The default export (empty name) and the export's own name lead to the same device. */
export async function negotiate(socket: Socket, reader: ByteReader, served: ExportDescription): Promise<Negotiated> {
  const greeting = Buffer.alloc(18);
  greeting.writeBigUInt64BE(magic.init, 0);
  greeting.writeBigUInt64BE(magic.option, 8);
  greeting.writeUInt16BE(handshakeFlag.fixedNewstyle | handshakeFlag.noZeroes, 16);
  socket.write(greeting);
  const clientFlags = (await reader.read(4))?.readUInt32BE(0);
  if (clientFlags === undefined) return { kind: 'closed' };
  const session = new OptionHaggling(socket, served, (clientFlags & handshakeFlag.noZeroes) !== 0);
  for (;;) {
    const header = await reader.read(16);
    if (header?.readBigUInt64BE(0) !== magic.option) return { kind: 'closed' };
    const length = header.readUInt32BE(12);
    if (length > longestOptionBytes) return { kind: 'closed' };
    const data = length === 0 ? Buffer.alloc(0) : await reader.read(length);
    if (data === undefined) return { kind: 'closed' };
    const outcome = session.handle(header.readUInt32BE(8), data);
    if (outcome !== undefined) return outcome;
  }
}

class OptionHaggling {
  readonly #socket: Socket;
  readonly #served: ExportDescription;
  readonly #noZeroes: boolean;
  #structuredReplies = false;
  #allocationContext = false;

  constructor(socket: Socket, served: ExportDescription, noZeroes: boolean) {
    this.#socket = socket;
    this.#served = served;
    this.#noZeroes = noZeroes;
  }

  handle(code: number, data: Buffer): Negotiated | undefined {
    switch (code) {
      case option.exportName:
        return this.#exportName(data);
      case option.abort:
        this.#reply(code, optionReply.ack);
        return { kind: 'closed' };
      case option.list:
        this.#reply(code, optionReply.server, withLength(Buffer.from(this.#served.name)));
        this.#reply(code, optionReply.ack);
        return undefined;
      case option.info:
      case option.go:
        return this.#infoOrGo(code, data);
      case option.structuredReply:
        this.#structuredReplies = true;
        this.#reply(code, optionReply.ack);
        return undefined;
      case option.listMetaContext:
      case option.setMetaContext:
        this.#metaContext(code, data);
        return undefined;
      default:
        this.#reply(code, optionReply.errUnsupported, Buffer.from('option not supported'));
        return undefined;
    }
  }

  #transmission(): Negotiated {
    return {
      kind: 'transmission',
      structuredReplies: this.#structuredReplies,
      allocationContext: this.#structuredReplies && this.#allocationContext,
    };
  }

  #exportName(data: Buffer): Negotiated {
    if (!this.#serves(data.toString())) return { kind: 'closed' };
    const answer = Buffer.alloc(this.#noZeroes ? 10 : 134);
    answer.writeBigUInt64BE(BigInt(this.#served.sizeBytes()), 0);
    answer.writeUInt16BE(this.#flags(), 8);
    this.#socket.write(answer);
    return this.#transmission();
  }

  #infoOrGo(code: number, data: Buffer): Negotiated | undefined {
    const nameLength = data.length >= 6 ? data.readUInt32BE(0) : data.length;
    if (4 + nameLength + 2 > data.length) {
      this.#reply(code, optionReply.errInvalid, Buffer.from('name longer than the option'));
      return undefined;
    }
    const name = data.toString('utf8', 4, 4 + nameLength);
    if (!this.#serves(name)) {
      this.#reply(code, optionReply.errUnknown, Buffer.from(`export '${name}' not present`));
      return undefined;
    }
    const exported = Buffer.alloc(12);
    exported.writeUInt16BE(info.exportSize, 0);
    exported.writeBigUInt64BE(BigInt(this.#served.sizeBytes()), 2);
    exported.writeUInt16BE(this.#flags(), 10);
    this.#reply(code, optionReply.info, exported);
    const sizes = Buffer.alloc(14);
    sizes.writeUInt16BE(info.blockSize, 0);
    sizes.writeUInt32BE(blockSize.minimum, 2);
    sizes.writeUInt32BE(blockSize.preferred, 6);
    sizes.writeUInt32BE(blockSize.maximum, 10);
    this.#reply(code, optionReply.info, sizes);
    this.#reply(code, optionReply.info, textInfo(info.description, this.#served.description));
    this.#reply(code, optionReply.ack);
    return code === option.go ? this.#transmission() : undefined;
  }

  #metaContext(code: number, data: Buffer): void {
    const queries = parseMetaContext(data);
    if (queries === undefined || (code === option.setMetaContext && !this.#structuredReplies)) {
      this.#reply(
        code,
        optionReply.errInvalid,
        Buffer.from('malformed, or structured replies were not asked for first'),
      );
      return;
    }
    if (!this.#serves(queries.name)) {
      this.#reply(code, optionReply.errUnknown, Buffer.from(`export '${queries.name}' not present`));
      return;
    }
    const all = code === option.listMetaContext && queries.contexts.length === 0;
    const chosen =
      all ||
      queries.contexts.some(
        (context) => context === allocationContext || (context === 'base:' && code === option.listMetaContext),
      );
    if (code === option.setMetaContext) this.#allocationContext = chosen;
    if (chosen) {
      const context = Buffer.alloc(4 + allocationContext.length);
      context.writeUInt32BE(allocationContextId, 0);
      context.write(allocationContext, 4);
      this.#reply(code, optionReply.metaContext, context);
    }
    this.#reply(code, optionReply.ack);
  }

  #flags(): number {
    return this.#structuredReplies ? flags | transmissionFlag.sendDontFragment : flags;
  }

  #serves(name: string): boolean {
    return name === '' || name === this.#served.name;
  }

  #reply(code: number, type: number, data: Buffer = Buffer.alloc(0)): void {
    const header = Buffer.alloc(20);
    header.writeBigUInt64BE(magic.optionReply, 0);
    header.writeUInt32BE(code, 8);
    header.writeUInt32BE(type, 12);
    header.writeUInt32BE(data.length, 16);
    this.#socket.write(Buffer.concat([header, data]));
  }
}

function withLength(text: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length, 0);
  return Buffer.concat([length, text]);
}

function textInfo(type: number, text: string): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(type, 0);
  return Buffer.concat([head, Buffer.from(text)]);
}

function parseMetaContext(data: Buffer): { name: string; contexts: string[] } | undefined {
  try {
    const nameEnd = 4 + data.readUInt32BE(0);
    const name = data.toString('utf8', 4, nameEnd);
    const contexts: string[] = [];
    let position = nameEnd + 4;
    for (let left = data.readUInt32BE(nameEnd); left > 0; left--) {
      const length = data.readUInt32BE(position);
      contexts.push(data.toString('utf8', position + 4, position + 4 + length));
      position += 4 + length;
    }
    return position === data.length ? { name, contexts } : undefined;
  } catch {
    return undefined;
  }
}
