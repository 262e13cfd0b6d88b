import { mkdirSync } from 'node:fs';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SnapshotChecksums } from './blobstore/snapshot-checksums.ts';
import type { DataPlane, DataPlaneOptions } from './contract.ts';
import type { NodeServices } from './engine/services.ts';
import { withoutScheme } from './engine/services.ts';
import { NvmfTarget } from './nvmf/nvmf-target.ts';
import { PortAllocator } from './nvmf/port-range.ts';
import { Reactor } from './raid/reactor.ts';
import { seededRandom } from './random.ts';
import { EmbeddedSpdkNode } from './spdk-node.ts';

/**
 * The data plane of a cluster: one SPDK target per node, connected by address. Everything random comes from
 * `options.seed`; files and sockets live below `options.directory` and are gone after `close`.
 */
export async function createDataPlane(options: DataPlaneOptions): Promise<EmbeddedDataPlane> {
  await mkdir(options.directory, { recursive: true });
  return new EmbeddedDataPlane(options);
}

export class EmbeddedDataPlane implements DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #nodes = new Map<string, EmbeddedSpdkNode>();
  readonly #directories: string[] = [];

  constructor(options: DataPlaneOptions) {
    this.#options = options;
  }

  addNode(nodeName: string, ip: string): EmbeddedSpdkNode {
    const known = this.#nodes.get(nodeName);
    if (known !== undefined) return known;
    // Short on purpose: the path of a Unix socket has room for 107 bytes.
    const directory = join(this.#options.directory, `n${this.#nodes.size}`);
    mkdirSync(directory, { recursive: true });
    this.#directories.push(directory);
    const node = new EmbeddedSpdkNode(this.#services(nodeName, ip, directory), (name) => this.node(name).services);
    this.#nodes.set(nodeName, node);
    return node;
  }

  node(nodeName: string): EmbeddedSpdkNode {
    const node = this.#nodes.get(nodeName);
    if (node === undefined) throw new Error(`no SPDK node ${nodeName}; known: ${[...this.#nodes.keys()].join(', ')}`);
    return node;
  }

  nodes(): readonly EmbeddedSpdkNode[] {
    return [...this.#nodes.values()];
  }

  async close(): Promise<void> {
    for (const node of this.#nodes.values()) await node.close();
    this.#nodes.clear();
    for (const directory of this.#directories) await rm(directory, { recursive: true, force: true });
    // Somebody else's files, if any, keep the directory in being.
    await rmdir(this.#options.directory).catch(() => undefined);
  }

  #services(nodeName: string, ip: string, directory: string): NodeServices {
    const { seed, clock, profile, hooks = {}, copyPauseMs = 0 } = this.#options;
    const thread = { reactor: new Reactor(), random: seededRandom(seed, 'service-time', nodeName, 0) };
    return {
      nodeName,
      ip,
      directory,
      seed,
      clock,
      profile,
      hooks,
      thread,
      copyPauseMs,
      stores: new Map(),
      images: new Map(),
      replicas: new Map(),
      engines: new Map(),
      attached: new Map(),
      checksums: new SnapshotChecksums(),
      nvmf: new NvmfTarget(ip, `${seed}/${nodeName}`),
      ports: new PortAllocator(),
      peer: (address) => this.#byAddress(address),
    };
  }

  #byAddress(address: string): NodeServices {
    const ip = withoutScheme(address).replace(/:\d+$/, '');
    const node = this.nodes().find((candidate) => candidate.ip === ip);
    if (node === undefined)
      throw new Error(
        `no SPDK node has the address ${address}; known: ${this.nodes()
          .map((known) => known.ip)
          .join(', ')}`,
      );
    return node.services;
  }
}
