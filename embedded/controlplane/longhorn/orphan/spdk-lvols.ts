import { createConnection } from 'node:net';

interface Lvol {
  driver_specific?: { lvol?: { lvol_store_uuid?: string } };
  aliases?: string[];
}

/** Names of all lvols of an SPDK target by their lvstore, asked over its own JSON-RPC as the disk service does. */
export async function lvolsByLvstore(rpcSocket: string, signal: AbortSignal): Promise<Map<string, string[]>> {
  const bdevs = (await call(rpcSocket, 'bdev_get_bdevs', signal)) as Lvol[];
  const lvols = new Map<string, string[]>();
  for (const bdev of bdevs) {
    const lvstore = bdev.driver_specific?.lvol?.lvol_store_uuid;
    const name = bdev.aliases?.[0]?.split('/').at(-1);
    if (lvstore === undefined || name === undefined) continue;
    lvols.set(lvstore, [...(lvols.get(lvstore) ?? []), name]);
  }
  return lvols;
}

function call(rpcSocket: string, method: string, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(rpcSocket);
    const onAbort = (): void => {
      socket.destroy(signal.reason as Error);
    };
    let text = '';
    socket.setEncoding('utf8');
    socket.once('connect', () => {
      socket.write(JSON.stringify({ jsonrpc: '2.0', id: 1, method }));
    });
    socket.on('data', (chunk: string) => {
      text += chunk;
      const answer = completeJson(text);
      if (answer === undefined) return;
      socket.end();
      if (answer.error === undefined) resolve(answer.result);
      else reject(new Error(`SPDK at ${rpcSocket} refused ${method}: ${answer.error.message}`));
    });
    socket.once('error', (error) => {
      reject(new Error(`SPDK at ${rpcSocket} did not answer ${method}: ${error.message}`, { cause: error }));
    });
    socket.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      reject(new Error(`SPDK at ${rpcSocket} closed before it answered ${method}.`));
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** SPDK does not frame its answers: one is complete when it parses. */
function completeJson(text: string): { result?: unknown; error?: { message: string } } | undefined {
  if (!text.trimEnd().endsWith('}')) return undefined;
  try {
    return JSON.parse(text) as { result?: unknown; error?: { message: string } };
  } catch {
    return undefined;
  }
}
