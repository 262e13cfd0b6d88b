import { SpdkError } from '../blobstore/errors.ts';
import type { ExternalSnapshot, Lvol } from '../blobstore/lvol.ts';
import { subsystemNqn } from '../lvol-names.ts';
import { seededRandom } from '../random.ts';

/** One exported bdev: a subsystem with one namespace. */
export interface Subsystem {
  readonly nqn: string;
  readonly name: string;
  readonly port: number;
  /** 32 upper-case hex digits. A bdev attached to this subsystem has the same digits as its UUID. */
  readonly nguid: string;
  readonly bdev: { kind: 'lvol'; lvol: Lvol } | { kind: 'raid'; name: string; uuid: string };
}

/** The NVMe-oF subsystems of one node, as records: who looks, finds them; the bytes take the short way. */
export class NvmfTarget {
  readonly ip: string;
  readonly #seed: string;
  readonly #subsystems = new Map<string, Subsystem>();
  #exposed = 0;
  /** False while the node is down: nothing connected to it answers. */
  isReachable = true;

  constructor(ip: string, seed: string) {
    this.ip = ip;
    this.#seed = seed;
  }

  expose(name: string, bdev: Subsystem['bdev'], port: number): Subsystem {
    const nqn = subsystemNqn(name);
    if (this.#subsystems.has(nqn)) throw new SpdkError('EEXIST', `subsystem ${nqn} already exists`);
    const nguid = seededRandom(this.#seed, 'nguid', nqn, this.#exposed++).hex(32).toUpperCase();
    const subsystem: Subsystem = { nqn, name, port, nguid, bdev };
    this.#subsystems.set(nqn, subsystem);
    return subsystem;
  }

  stopExposing(name: string): void {
    this.#subsystems.delete(subsystemNqn(name));
  }

  find(name: string): Subsystem | undefined {
    return this.#subsystems.get(subsystemNqn(name));
  }

  /** Sorted by NQN, as `nvmf_get_subsystems` lists them. */
  subsystems(): readonly Subsystem[] {
    return [...this.#subsystems.values()].sort((a, b) => (a.nqn < b.nqn ? -1 : 1));
  }
}

/** A remote lvol attached as the bdev `<name>n1`. It follows the subsystem: gone there means EIO here. */
export class NvmeBdev implements ExternalSnapshot {
  readonly name: string;
  readonly bdevName: string;
  readonly bdevUuid: string;
  readonly address: string;
  readonly port: number;
  readonly ip: string;
  claim: 'exclusive_write' | 'read_many_write_none' | 'read_many_write_one' | undefined;
  readonly #target: NvmfTarget;
  readonly #subsystem: Subsystem;
  #detached = false;

  constructor(target: NvmfTarget, subsystem: Subsystem, claim: NvmeBdev['claim']) {
    this.name = subsystem.name;
    this.bdevName = `${subsystem.name}n1`;
    this.bdevUuid = nguidAsUuid(subsystem.nguid);
    this.ip = target.ip;
    this.port = subsystem.port;
    this.address = `${target.ip}:${subsystem.port}`;
    this.claim = claim;
    this.#target = target;
    this.#subsystem = subsystem;
  }

  lvol(): Lvol {
    const { bdev, name } = this.#subsystem;
    if (
      this.#detached ||
      !this.#target.isReachable ||
      this.#target.find(name) !== this.#subsystem ||
      bdev.kind !== 'lvol'
    ) {
      throw new SpdkError('EIO', `bdev ${this.bdevName}: connection to ${this.address} is lost`);
    }
    return bdev.lvol;
  }

  detach(): void {
    this.#detached = true;
  }
}

function nguidAsUuid(nguid: string): string {
  const digits = nguid.toLowerCase();
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    '-',
  );
}
