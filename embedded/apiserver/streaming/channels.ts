/** The framing of `channel.k8s.io` streams over WebSocket: the first byte of a message is the channel. */
import { Writable } from 'node:stream';
import type { WebSocket } from 'ws';

export const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** In the order in which the server prefers them; the empty one is what a client gets that names none. */
export const subprotocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'channel.k8s.io'] as const;
export type Subprotocol = (typeof subprotocols)[number] | '';

// The kubelet copies with a 32 KiB buffer, so no message carries more.
const maxPayloadBytes = 32 * 1024;

export function sendFrame(
  socket: WebSocket,
  to: number,
  payload: Uint8Array,
  done?: (error?: Error | null) => void,
): void {
  if (socket.readyState !== socket.OPEN) {
    done?.(new Error('the client has closed the stream'));
    return;
  }
  socket.send(Buffer.concat([Buffer.from([to]), payload]), { binary: true }, (error) => done?.(error));
}

export interface OutputLimit {
  /** Called with each piece before it is sent; returns how many bytes of it may still go out. */
  admit(bytes: number): number;
  /** Called once when output was held back. */
  reached(): void;
}

/** A stream whose content arrives on one channel; it is as slow as the connection. */
export function channelWritable(socket: WebSocket, to: number, limit: OutputLimit | undefined): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, callback) {
      const allowed = limit?.admit(chunk.length) ?? chunk.length;
      const pieces: Buffer[] = [];
      for (let at = 0; at < allowed; at += maxPayloadBytes)
        pieces.push(chunk.subarray(at, Math.min(at + maxPayloadBytes, allowed)));
      const next = (): void => {
        const piece = pieces.shift();
        if (piece === undefined) {
          if (allowed < chunk.length) limit?.reached();
          callback();
        } else sendFrame(socket, to, piece, (error) => (error ? callback(error) : next()));
      };
      next();
    },
  });
}
