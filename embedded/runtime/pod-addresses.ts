import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Held as long as a cluster lives, so that another cluster on this machine takes another network. */
const claimPort = 61_517;

export interface PodAddresses {
  /** The first two octets, e.g. `127.83`; undefined where the machine has only 127.0.0.1. */
  readonly network: string | undefined;
  /** An address for a pod on the node with this index; never one that is in use. */
  allocate(nodeIndex: number): string;
  free(address: string): void;
  close(): Promise<void>;
}

async function claim(address: string): Promise<Server | 'taken' | 'absent'> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  server.listen({ host: address, port: claimPort, exclusive: true });
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'taken' : 'absent';
  }
}

/**
 * Takes a network 127.n.0.0/16 for the pods of one cluster. Clusters side by side, also in other processes, get
 * different ones: which is tried first follows from the seed, and a taken one is skipped. On machines whose loopback is
 * only 127.0.0.1 all pods share that, and their ports must differ.
 */
export async function createPodAddresses(options: { seed: string }): Promise<PodAddresses> {
  const first = createHash('sha256').update(`pod network ${options.seed}`).digest().readUInt16BE(0);
  const octets = 239;
  for (let attempt = 0; attempt < octets; attempt += 1) {
    const network = `127.${16 + ((first + attempt) % octets)}`;
    const claimed = await claim(`${network}.255.254`);
    if (claimed === 'absent') {
      break;
    }
    if (claimed !== 'taken') {
      return addressesOf(network, claimed);
    }
  }
  return { network: undefined, allocate: () => '127.0.0.1', free: () => undefined, close: () => Promise.resolve() };
}

function addressesOf(network: string, claimed: Server): PodAddresses {
  const used = new Set<string>();
  const next = new Map<number, number>();
  return {
    network,
    allocate(nodeIndex) {
      // Addresses come round only after the others, as with a node's own address manager.
      for (let tries = 0; tries < 253; tries += 1) {
        const last = next.get(nodeIndex) ?? 2;
        next.set(nodeIndex, last >= 254 ? 2 : last + 1);
        const address = `${network}.${nodeIndex}.${last}`;
        if (!used.has(address)) {
          used.add(address);
          return address;
        }
      }
      throw new Error(
        `No pod address is free in ${network}.${nodeIndex}.0/24: 253 pods run on this node; delete some.`,
      );
    },
    free(address) {
      used.delete(address);
    },
    async close() {
      claimed.close();
      await once(claimed, 'close');
    },
  };
}
