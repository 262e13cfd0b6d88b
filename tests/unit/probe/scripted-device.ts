import { randomBytes } from 'node:crypto';
import { connectNbd } from '../../../probe/nbd/client.ts';
import type { NbdDevice } from '../../../probe/nbd/client.ts';
import { exportBytes, scriptedServer } from './nbd-servers.ts';
import type { ScriptedServer, SeenRequest } from './nbd-servers.ts';

/** What a server sends for a request. */
export type Answer = (request: SeenRequest) => Buffer;

/** The bytes of the export. */
export const content = randomBytes(exportBytes);
/** Those that a request asks for. */
export const part = ({ offset, length }: SeenRequest): Buffer =>
  content.subarray(Number(offset), Number(offset) + length);

/** A device of a server that follows a script. */
export async function withServer(
  script: Parameters<typeof scriptedServer>[0],
  use: (device: NbdDevice, server: ScriptedServer) => Promise<void>,
): Promise<void> {
  const server = await scriptedServer(script);
  try {
    const device = await connectNbd({ socketPath: server.socketPath, exportName: '' });
    await use(device, server);
    await device.close();
  } finally {
    server.close();
  }
}

/** A script that answers each request by itself. */
export function answering(answer: Answer): Parameters<typeof scriptedServer>[0] {
  return { onRequest: (request, socket) => void (request.type === 2 ? socket.end() : socket.write(answer(request))) };
}
