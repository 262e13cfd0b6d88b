import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '../../../embedded/clock.ts';
import { createDataPlane, type EmbeddedDataPlane } from '../../../embedded/dataplane/data-plane.ts';
import type { EmbeddedSpdkNode } from '../../../embedded/dataplane/spdk-node.ts';
import type { DataPlaneHooks } from '../../../embedded/faults/hooks.ts';
import { type LonghornVersion, versionProfile } from '../../../embedded/versions/profile.ts';

export const mebibyte = 1024 * 1024;

export interface RigOptions {
  version?: LonghornVersion;
  hooks?: DataPlaneHooks;
  nodes?: number;
  disksPerNode?: number;
  diskMib?: number;
  copyPauseMs?: number;
  diskPrefix?: string;
  ipPrefix?: string;
}

/** A data plane on three nodes with one disk each, and what the tests do with it again and again. */
export class Rig {
  readonly plane: EmbeddedDataPlane;
  readonly directory: string;
  readonly #diskPrefix: string | undefined;

  private constructor(plane: EmbeddedDataPlane, directory: string, diskPrefix: string | undefined) {
    this.plane = plane;
    this.#diskPrefix = diskPrefix;
    this.directory = directory;
  }

  static async start(options: RigOptions = {}): Promise<Rig> {
    const directory = await mkdtemp(join(tmpdir(), 'dp-'));
    const plane = await createDataPlane({
      directory,
      profile: versionProfile(options.version ?? '1.11.3').dataPlane,
      clock: createClock(0.001),
      seed: 'rig',
      ...(options.hooks === undefined ? {} : { hooks: options.hooks }),
      ...(options.copyPauseMs === undefined ? {} : { copyPauseMs: options.copyPauseMs }),
    });
    const rig = new Rig(plane, directory, options.diskPrefix);
    for (let node = 1; node <= (options.nodes ?? 3); node++) {
      const spdk = plane.addNode(`node-${node}`, `${options.ipPrefix ?? '10.0.0.'}${node}`);
      for (let disk = 1; disk <= (options.disksPerNode ?? 1); disk++) {
        const sizeBytes = (options.diskMib ?? 256) * mebibyte;
        await spdk.diskCreate({ diskName: rig.diskName(node, disk), path: '/dev/sdb', sizeBytes, blockBytes: 512 });
      }
    }
    return rig;
  }

  diskName(node: number, disk: number): string {
    return this.#diskPrefix === undefined ? `disk-${node}-${disk}` : `${this.#diskPrefix}${disk}`;
  }

  node(number: number): EmbeddedSpdkNode {
    return this.plane.node(`node-${number}`);
  }

  diskUuid(node: number, disk = 1): string {
    const info = this.node(node).diskGet(this.diskName(node, disk));
    if (info === undefined) throw new Error(`no disk ${disk} on node ${node}`);
    return info.lvstoreUuid;
  }

  /** Puts a copy of the image on the disk and waits until it is ready or failed. */
  async image(name: string, content: Buffer, node: number, disk = 1, checksum = sha512(content)): Promise<void> {
    const spdk = this.node(node);
    const lvstoreUuid = this.diskUuid(node, disk);
    spdk.backingImageCreate({
      name,
      backingImageUuid: '12345678',
      lvstoreUuid,
      sizeBytes: content.length,
      checksum,
      source: { kind: 'stream', sizeBytes: content.length, content: pieces(content) },
    });
    await this.imageSettled(name, node, disk);
  }

  async imageSettled(name: string, node: number, disk = 1): Promise<void> {
    const spdk = this.node(node);
    await until(
      () => ['ready', 'failed'].includes(spdk.backingImageGet(name, this.diskUuid(node, disk))?.state ?? ''),
      `image ${name}`,
    );
  }

  /** Makes a replica and answers its address. */
  async replica(
    name: string,
    node: number,
    sizeMib: number,
    options: { image?: string; disk?: number } = {},
  ): Promise<string> {
    const info = await this.node(node).replicaCreate({
      name,
      lvstoreUuid: this.diskUuid(node, options.disk ?? 1),
      specSizeBytes: sizeMib * mebibyte,
      ...(options.image === undefined ? {} : { backingImageName: options.image }),
    });
    return `${info.ip}:${info.port}`;
  }

  async engine(
    volumeName: string,
    sizeMib: number,
    replicaAddresses: Record<string, string>,
    node = 1,
    frontend: 'spdk-tcp-blockdev' | '' = 'spdk-tcp-blockdev',
  ): Promise<string> {
    const info = await this.node(node).engineCreate({
      name: `${volumeName}-e-0`,
      volumeName,
      specSizeBytes: sizeMib * mebibyte,
      replicaAddresses,
      frontend,
    });
    return info.deviceUri;
  }

  /** Reverts as Longhorn does it: detached, attached without a frontend, reverted, detached. Answers with the new device. */
  async revert(volumeName: string, snapshotName: string, node = 1): Promise<string> {
    const engineName = `${volumeName}-e-0`;
    const spdk = this.node(node);
    const { replicaAddresses = {}, specSizeBytes = 0 } = spdk.engineGet(engineName) ?? {};
    await spdk.engineDelete(engineName);
    await this.engine(volumeName, specSizeBytes / mebibyte, replicaAddresses, node, '');
    await spdk.engineSnapshotRevert({ engineName, snapshotName });
    await spdk.engineDelete(engineName);
    return this.engine(volumeName, specSizeBytes / mebibyte, replicaAddresses, node);
  }

  /** Adds the replica and waits until it is no longer WO. */
  async rebuild(volumeName: string, replicaName: string, address: string, node = 1): Promise<void> {
    const engineName = `${volumeName}-e-0`;
    await this.node(node).engineReplicaAdd({ engineName, replicaName, address });
    await until(
      () => this.node(node).engineGet(engineName)?.replicaModes[replicaName] !== 'WO',
      `rebuild of ${replicaName}`,
    );
  }

  /** What a replica's head reads as, alone. */
  replicaContent(name: string, node: number): Buffer {
    const replica = this.node(node).services.replicas.get(name);
    if (replica === undefined) throw new Error(`no replica ${name} on node ${node}`);
    const content = Buffer.alloc(replica.head().sizeBytes);
    replica.head().read(0, content);
    return content;
  }

  async close(): Promise<void> {
    await this.plane.close();
  }
}

export function sha512(content: Buffer): string {
  return createHash('sha512').update(content).digest('hex');
}

/** Bytes that differ from place to place and from name to name, and are never zero. */
export function patterned(name: string, lengthBytes: number): Buffer {
  const content = Buffer.alloc(lengthBytes);
  const stamp = createHash('sha512')
    .update(name)
    .digest()
    .map((byte) => byte | 1);
  for (let offset = 0; offset < lengthBytes; offset += stamp.length)
    content.set(stamp.subarray(0, lengthBytes - offset), offset);
  for (let offset = 0; offset + 4 <= lengthBytes; offset += 4096) content.writeUInt32BE(offset + 1, offset);
  return content;
}

/** An image of whole MiB: `d` a cluster of data, `-` a cluster of zeros. */
export function imageOf(name: string, layout: string): Buffer {
  return Buffer.concat(
    [...layout].map((kind, index) => (kind === 'd' ? patterned(`${name}/${index}`, mebibyte) : Buffer.alloc(mebibyte))),
  );
}

async function* pieces(content: Buffer): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < content.length; offset += 300_000) {
    await Promise.resolve();
    yield content.subarray(offset, offset + 300_000);
  }
}

/** A promise and the hand that resolves it. */
export function signal<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Looks once per turn of the event loop; gives up after ten seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`gave up waiting for: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
