/**
 * What must hold of the lvols behind a volume's replicas. A pure function of what the disks show: each replica's chain
 * ends in the backing image's copy on its own disk, snapshots are the same everywhere, and nothing is left behind.
 * Names: longhorn-spdk-engine:pkg/spdk/types.go@44753b56
 */
import type { AuditedChain, AuditedLvol, AuditProblem, ReplicaPlacement } from '../verdict/events.ts';
import type { Lvol } from './lvol-parse.ts';
import { objectDifferences, type SnapshotObject } from './snapshot-objects.ts';
import { snapshotTree, treeDifferences } from './snapshot-tree.ts';

export interface LvolAuditInput {
  readonly lvols: readonly Lvol[];
  readonly volume: string;
  readonly volumeSizeBytes: number;
  /** Empty for a linked clone. */
  readonly backingImage: string;
  /** For a linked clone: the lvol that each replica must hang on, by replica. */
  readonly entrypoints?: Readonly<Record<string, string>>;
  /** The replicas that the engine serves from. */
  readonly replicas: readonly ReplicaPlacement[];
  /** What was rebuilt: where two replicas differ, it is the one that is told. */
  readonly rebuilt?: string;
  /** The volume's Snapshot objects; left out where they were not read. */
  readonly snapshotObjects?: readonly SnapshotObject[];
  /** A write in flight at a crash may have given the head of one replica a cluster that others do not have. */
  readonly headsMayDiffer?: boolean;
  /** While snapshots come and go, replicas and objects are not held against one another. Default: at rest. */
  readonly snapshots?: 'at-rest' | 'moving';
  /** Backing image lvols as they were before the rebuild, and which of them must still be there. */
  readonly earlier?: { readonly images: readonly Lvol[]; readonly expected: ReadonlySet<string> };
}

export interface FoundProblem {
  readonly problem: AuditProblem;
  readonly replica: string;
  readonly diskUuid: string;
  readonly detail: string;
}

export interface LvolAudit {
  readonly chains: readonly AuditedChain[];
  readonly problems: readonly FoundProblem[];
}

/** The one address of an lvol: names repeat from disk to disk. */
export function lvolKey(lvol: { lvstoreUuid: string; name: string }): string {
  return `${lvol.lvstoreUuid}/${lvol.name}`;
}

export function backingImageLvolName(backingImage: string, lvstoreUuid: string): string {
  return `bi-${backingImage}-disk-${lvstoreUuid}`;
}

export function isBackingImageLvol(lvol: { name: string }): boolean {
  return /^bi-[a-zA-Z0-9-]+-disk-[a-zA-Z0-9-]+$/.test(lvol.name) && !lvol.name.endsWith('-temp-head');
}

export function auditLvols(input: LvolAuditInput): LvolAudit {
  const byKey = new Map(input.lvols.map((lvol) => [lvolKey(lvol), lvol]));
  const chains = input.replicas.map((placement) => ({ ...placement, chain: chainOf(placement, byKey) }));
  const compared =
    input.snapshots === 'moving'
      ? []
      : [...differences(chains, input), ...leftBehind(input), ...snapshotObjectProblems(chains, input)];
  const problems = [
    ...chains.flatMap((chain) => rootProblems(chain, input)),
    ...chains.flatMap((chain) => sizeProblems(chain, input.volumeSizeBytes)),
    ...compared,
    ...imageProblems(byKey, input.earlier),
  ];
  return {
    chains: chains.map((chain) => ({ ...chain, chain: chain.chain.map(audited) })),
    problems,
  };
}

interface Chain extends ReplicaPlacement {
  /** From head to root; empty when the head is missing. */
  readonly chain: readonly Lvol[];
}

function chainOf(placement: ReplicaPlacement, byKey: ReadonlyMap<string, Lvol>): Lvol[] {
  const chain: Lvol[] = [];
  let name: string | null = placement.replica;
  while (name !== null) {
    const lvol = byKey.get(lvolKey({ lvstoreUuid: placement.diskUuid, name }));
    if (lvol === undefined || chain.includes(lvol)) break;
    chain.push(lvol);
    name = lvol.parent;
  }
  return chain;
}

function rootProblems(
  { replica, diskUuid, chain }: Chain,
  { backingImage, entrypoints }: LvolAuditInput,
): FoundProblem[] {
  const found = (problem: AuditProblem, detail: string): FoundProblem[] => [{ problem, replica, diskUuid, detail }];
  const shown = chain.map(({ name }) => name).join(' → ');
  const root = chain.at(-1);
  if (root === undefined) return found('chain-lacks-backing-image', `disk ${diskUuid} has no lvol ${replica}`);
  const external = chain.find(({ isEsnapClone }) => isEsnapClone);
  if (external !== undefined)
    return found('esnap-parent', `${external.name} is a clone of an external snapshot: ${shown}`);
  if (entrypoints !== undefined) {
    const problem = entrypointProblem({ chain, wanted: entrypoints[replica] ?? '' });
    return problem === undefined ? [] : found(problem.problem, `${problem.detail}: ${shown}`);
  }
  const wanted = backingImageLvolName(backingImage, diskUuid);
  if (root.name === wanted) return [];
  if (root.parent !== null) {
    const lost = `${root.name} names a parent ${root.parent} that its disk does not have`;
    return found('chain-lacks-backing-image', lost);
  }
  return isBackingImageLvol(root)
    ? found('foreign-backing-image', `the chain ends in ${root.name} instead of ${wanted}: ${shown}`)
    : found('chain-lacks-backing-image', `${root.name} has no parent, expected ${wanted}: ${shown}`);
}

/**
 * A clone's chain goes through the entrypoint of the source's replica on its disk and ends in the source's snapshot
 * (longhorn-spdk-engine:pkg/spdk/replica.go constructActiveChain@v1.12.1).
 */
function entrypointProblem({
  chain,
  wanted,
}: {
  chain: readonly Lvol[];
  wanted: string;
}): { problem: AuditProblem; detail: string } | undefined {
  const at = chain.findIndex(({ name }) => name.includes('-clone-ep-'));
  const entrypoint = chain[at];
  if (entrypoint === undefined) {
    return { problem: 'chain-lacks-backing-image', detail: `the chain does not go through ${wanted}` };
  }
  if (entrypoint.name !== wanted) {
    return {
      problem: 'foreign-backing-image',
      detail: `the chain goes through ${entrypoint.name} instead of ${wanted}`,
    };
  }
  const snapshot = wanted.replace('-clone-ep-', '-snap-');
  const below = chain[at + 1];
  if (below?.name === snapshot) return undefined;
  const seen = below?.name ?? 'nothing';
  return { problem: 'chain-lacks-backing-image', detail: `${wanted} hangs on ${seen} instead of ${snapshot}` };
}

function sizeProblems({ replica, diskUuid, chain }: Chain, volumeSizeBytes: number): FoundProblem[] {
  const [head] = chain;
  if (head === undefined || head.sizeBytes === volumeSizeBytes) return [];
  const detail = `${head.name} has ${String(head.sizeBytes)} bytes, the volume ${String(volumeSizeBytes)}`;
  return [{ problem: 'size-differs', replica, diskUuid, detail }];
}

/** Names of the snapshots below a replica's head, oldest first, without the replica's name in them. */
function chainNames({ replica, chain }: Chain): string {
  const prefix = `${replica}-snap-`;
  return chain
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name }) => name.slice(prefix.length))
    .toReversed()
    .join(' ← ');
}

/**
 * All are compared with one that was not rebuilt, where there is one; among those it is one that most agree with. Of two
 * that differ, and of which neither is known to be the rebuilt one, nobody can say which is wrong: neither is named.
 */
function differences(
  all: readonly Chain[],
  { lvols, rebuilt, headsMayDiffer = false }: LvolAuditInput,
): FoundProblem[] {
  const chains = all.filter(({ chain }) => chain.length > 0);
  const between = (chain: Chain, reference: Chain): FoundProblem[] =>
    chainDifferences(chain, reference, { lvols, headsMayDiffer });
  const agreeing = (one: Chain): number => chains.filter((chain) => between(chain, one).length === 0).length;
  const [reference] = chains
    .filter(({ replica }) => replica !== rebuilt)
    .sort((one, other) => agreeing(other) - agreeing(one));
  if (reference === undefined) return [];
  const found = chains.flatMap((chain) => between(chain, reference));
  const isKnown = chains.some(({ replica }) => replica === rebuilt) || 2 * agreeing(reference) > chains.length;
  return isKnown ? found : found.map((difference) => ({ ...difference, replica: '', diskUuid: '' }));
}

function chainDifferences(
  chain: Chain,
  reference: Chain,
  { lvols, headsMayDiffer }: { lvols: readonly Lvol[]; headsMayDiffer: boolean },
): FoundProblem[] {
  const { replica, diskUuid } = chain;
  const [seen, wanted] = [chainNames(chain), chainNames(reference)];
  if (seen !== wanted) {
    const detail = `${replica} has snapshots ${seen || 'none'}; ${reference.replica}: ${wanted || 'none'}`;
    return [{ problem: 'snapshot-names-differ', replica, diskUuid, detail }];
  }
  const found = treeDifferences(snapshotTree(chain, lvols), snapshotTree(reference, lvols), reference.replica);
  const head = headsMayDiffer ? [] : headDifferences(chain, reference);
  return [...found, ...head].map(({ problem, detail }) => ({
    problem,
    replica,
    diskUuid,
    detail: `${replica}: ${detail}`,
  }));
}

/** Every write goes to all replicas, and a rebuild copies what the source owns: their heads own as much. */
function headDifferences({ chain: [head] }: Chain, reference: Chain): Pick<FoundProblem, 'problem' | 'detail'>[] {
  const other = reference.chain[0];
  if (head === undefined || other === undefined || head.allocatedClusters === other.allocatedClusters) return [];
  const counts = `${String(head.allocatedClusters)} clusters, that of ${reference.replica} ${String(other.allocatedClusters)}`;
  return [{ problem: 'allocation-differs', detail: `head ${head.name} owns ${counts}` }];
}

/** Lvols of this volume that belong to no replica, and unfinished ones of replicas and of the image. */
function leftBehind({ lvols, volume, replicas, backingImage }: LvolAuditInput): FoundProblem[] {
  const isVolumes = new RegExp(`^${escapeRegExp(volume)}-r-[0-9a-z]+`);
  return lvols.flatMap((lvol): FoundProblem[] => {
    const { name, lvstoreUuid } = lvol;
    const at = (replica: string, detail: string): FoundProblem[] => [
      { problem: 'left-behind', replica, diskUuid: lvstoreUuid, detail: `${lvol.lvstoreName}/${name}: ${detail}` },
    ];
    if (backingImage !== '' && name === `${backingImageLvolName(backingImage, lvstoreUuid)}-temp-head`)
      return at('', 'an unfinished image copy');
    if (!isVolumes.test(name)) return [];
    const owner = replicas.find(
      ({ replica, diskUuid }) => diskUuid === lvstoreUuid && (name === replica || name.startsWith(`${replica}-`)),
    );
    if (owner === undefined) return at('', 'belongs to no replica of the volume on this disk');
    if (name === owner.replica || name.startsWith(`${owner.replica}-snap-`)) return [];
    return at(owner.replica, 'neither head nor snapshot');
  });
}

function snapshotObjectProblems(chains: readonly Chain[], { lvols, snapshotObjects }: LvolAuditInput): FoundProblem[] {
  if (snapshotObjects === undefined) return [];
  return chains
    .filter(({ chain }) => chain.length > 0)
    .flatMap((chain) => {
      const { replica, diskUuid } = chain;
      return objectDifferences(snapshotObjects, snapshotTree(chain, lvols)).map((detail): FoundProblem => {
        return { problem: 'snapshot-cr-mismatch', replica, diskUuid, detail };
      });
    });
}

/** Copies of any image, also of other volumes': a rebuild must not touch them (longhorn/longhorn#10527). */
function imageProblems(byKey: ReadonlyMap<string, Lvol>, earlier: LvolAuditInput['earlier']): FoundProblem[] {
  return (earlier?.images ?? []).flatMap((before): FoundProblem[] => {
    const found = (detail: string): FoundProblem[] => [
      {
        problem: 'backing-image-lvol-changed',
        replica: '',
        diskUuid: before.lvstoreUuid,
        detail: `${before.name} ${detail}`,
      },
    ];
    if (earlier?.expected.has(lvolKey(before)) !== true) return [];
    const now = byKey.get(lvolKey(before));
    if (now === undefined) return found('is gone from its disk');
    if (now.sizeBytes !== before.sizeBytes) {
      return found(`had ${String(before.sizeBytes)} bytes and has ${String(now.sizeBytes)}`);
    }
    return now.allocatedClusters === before.allocatedClusters
      ? []
      : found(`owned ${String(before.allocatedClusters)} clusters and owns ${String(now.allocatedClusters)}`);
  });
}

function audited(lvol: Lvol): AuditedLvol {
  const { name, lvstoreUuid, parent, allocatedClusters, isSnapshot, isEsnapClone } = lvol;
  return { name, lvstoreUuid, parent, allocatedClusters, isSnapshot, isEsnapClone };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
