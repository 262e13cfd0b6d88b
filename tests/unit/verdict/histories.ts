import { createHash } from 'node:crypto';
import { expectedWrongBlocksIfParentLost } from '../../../helpers/oracle/oracle.ts';
import {
  mainScenario,
  type Fingerprint,
  type PassShape,
  type Plan,
  type WrongBlock,
} from '../../../helpers/oracle/plan.ts';
import type { PassPhase, ReplicaPlacement, RunEvent, RunEventBody } from '../../../helpers/verdict/events.ts';

const mib = 1024 * 1024;

export const source: ReplicaPlacement = {
  replica: 'vol-r-0a1b2c3d',
  nodeId: 'node-1',
  diskUuid: '5f0c7b1e-0001-4c11-9a51-2f4f6c1f0a01',
  diskName: 'block-disk-1',
};
export const victim: ReplicaPlacement = {
  replica: 'vol-r-4e5f6071',
  nodeId: 'node-2',
  diskUuid: '5f0c7b1e-0002-4c11-9a51-2f4f6c1f0a02',
  diskName: 'block-disk-2',
};
export const rebuilt: ReplicaPlacement = {
  replica: 'vol-r-8293a4b5',
  nodeId: 'node-3',
  diskUuid: '5f0c7b1e-0003-4c11-9a51-2f4f6c1f0a03',
  diskName: 'block-disk-3',
};
const replenished: ReplicaPlacement = { ...victim, replica: 'vol-r-c6d7e8f9' };

export interface Scene {
  readonly longhornVersion?: string;
  readonly sizeMib?: number;
  readonly rebuildOn?: ReplicaPlacement;
  /** Makes every pass that the rebuilt replica serves read zeros where only the image has data. */
  readonly lostImage?: boolean;
  readonly reads?: number;
}

const shapes: readonly PassShape[] = [
  { requestBytes: mib, phaseBytes: 0, depth: 8 },
  { requestBytes: 262_144, phaseBytes: 4096, depth: 16 },
  { requestBytes: 524_288, phaseBytes: 65_536, depth: 32 },
  { requestBytes: 131_072, phaseBytes: 8192, depth: 4 },
];

function shapesFor(count: number): PassShape[] {
  return Array.from({ length: count }, (_, index) => {
    const shape = shapes[index % shapes.length];
    if (shape === undefined) throw new Error('there are shapes');
    return { ...shape, phaseBytes: shape.phaseBytes + 4096 * Math.floor(index / shapes.length) };
  });
}

/** An image of data, zeros and holes over a part of the volume, and writes of several sizes on all of it. */
export function planFor(sizeMib: number, reads = 4): Plan {
  const imageMib = Math.floor((sizeMib * 3) / 4);
  const kinds = ['data', 'data', 'zeros', 'data', 'hole'] as const;
  const step = Math.max(1, Math.floor(imageMib / 15));
  const extents = Array.from({ length: Math.ceil(imageMib / step) }, (_, index) => ({
    offsetBytes: index * step * mib,
    lengthBytes: Math.min(step, imageMib - index * step) * mib,
    kind: kinds[index % kinds.length] ?? 'data',
  }));
  const places = [0, 3, 7, imageMib - 1, imageMib + 1, sizeMib - 1];
  const writes = places.map((place, index) => ({
    offsetBytes: place * mib + (index % 3) * 4096,
    lengthBytes: [512, 4096, mib - 2 * 4096][index % 3] ?? 512,
    kind: index === 2 ? ('zeros' as const) : ('data' as const),
    generation: 1,
    purpose: 'a part of a cluster',
  }));
  return {
    scenario: mainScenario,
    seed: 'seed-1',
    image: { format: 'raw', sizeBytes: imageMib * mib, extents },
    volume: { sizeBytes: sizeMib * mib, replicaCount: 2 },
    writes,
    victimIndex: 1,
    passes: { baseline: shapesFor(2), rebuilt: shapesFor(reads), isolated: shapesFor(1), reattached: shapesFor(1) },
  };
}

/** The MiBs that read as zeros on a replica that lost its backing image. */
export function imageOnlyMibs(plan: Plan): number[] {
  return expectedWrongBlocksIfParentLost(plan).flatMap(({ offsetBytes, lengthBytes }) =>
    Array.from({ length: lengthBytes / mib }, (_, index) => offsetBytes / mib + index),
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A fingerprint in which the given MiBs hold something else; `salt` says what. */
export function fingerprintOf(plan: Plan, wrongMibs: readonly number[] = [], salt = 'zeros'): Fingerprint {
  const wrong = new Set(wrongMibs);
  const mibSha256 = Array.from({ length: plan.volume.sizeBytes / mib }, (_, index) =>
    sha256(wrong.has(index) ? `${salt} ${index}` : `right ${index}`),
  );
  return { byteCount: plan.volume.sizeBytes, sha256: sha256(mibSha256.join()), mibSha256 };
}

function zerosInImageData(mibs: readonly number[]): WrongBlock[] {
  return mibs.map((index) => ({
    offsetBytes: index * mib,
    lengthBytes: mib,
    rangeClass: 'image-data',
    wrongByteKind: 'zeros',
    detail: `expected image data of LBA ${index * 2048}, found zeros`,
  }));
}

export type Pass = Extract<RunEvent, { type: 'pass' }>;

/** Collects a run's events with a clock that ticks. */
class Log {
  readonly events: RunEvent[] = [];
  private tMs = 0;

  add(afterMs: number, body: RunEventBody): void {
    this.tMs += afterMs;
    const at = new Date(Date.UTC(2025, 0, 1) + this.tMs).toISOString();
    this.events.push({ ...body, tMs: this.tMs, at });
  }

  step(title: string, work: () => void): void {
    this.add(5, { type: 'step', title, state: 'started' });
    work();
    this.add(5, { type: 'step', title, state: 'finished' });
  }

  pass(plan: Plan, phase: PassPhase, index: number, replicas: readonly ReplicaPlacement[], wrong: readonly number[]) {
    const names = replicas.map(({ replica }) => replica);
    this.add(1200, {
      type: 'pass',
      phase,
      index,
      shape: plan.passes[phase]?.[index] ?? { requestBytes: mib, phaseBytes: 0, depth: 8 },
      replicas: names,
      node: phase === 'reattached' ? 'node-2' : 'node-1',
      fingerprint: fingerprintOf(plan, wrong),
      durationMs: 1100,
      wrongMibs: wrong,
    });
    if (wrong.length === 0) return;
    const blocks = zerosInImageData(wrong);
    const inspectedBytes = wrong.length * mib;
    this.add(50, { type: 'wrong-blocks', phase, index, replicas: names, blocks, inspectedBytes, truncated: false });
  }
}

/** The log of a whole run, sound unless the scene says otherwise. */
export function history(scene: Scene = {}): RunEvent[] {
  const { longhornVersion = 'v1.11.3', sizeMib = 64, rebuildOn = rebuilt, lostImage = false, reads = 4 } = scene;
  const plan = planFor(sizeMib, reads);
  const lost = lostImage ? imageOnlyMibs(plan) : [];
  const log = new Log();
  log.add(0, {
    type: 'run-started',
    runId: 'r-1a2b3c',
    target: { kind: 'embedded' },
    seed: plan.seed,
    image: 'raw',
    toolVersion: '0.1.0',
  });
  log.add(1, { type: 'plan', plan, expected: fingerprintOf(plan) });
  const nodes = ['node-1', 'node-2', 'node-3'];
  log.add(80, { type: 'environment', kubernetesVersion: 'v1.33.1', longhornVersion, images: {}, nodes });
  log.add(10, { type: 'premise', name: 'V2 data engine', state: 'met', detail: 'engine runs v2' });
  createVolume(log, plan);
  log.step('Baseline passes equal the oracle', () => {
    plan.passes.baseline.forEach((_, index) => log.pass(plan, 'baseline', index, [source, victim], []));
    log.add(900, { type: 'cross-check', tool: 'dd | sha256sum', state: 'agreed', detail: 'same SHA-256' });
  });
  rebuild(log, rebuildOn);
  log.step('Passes after the rebuild', () => {
    audit(log, 'rebuilt', rebuildOn, lostImage, plan);
    plan.passes.rebuilt.forEach((_, index) => {
      const sampled = lost.filter((at) => (at * 7 + index * 5) % 3 !== 0);
      log.pass(plan, 'rebuilt', index, [source, rebuildOn], sampled);
    });
  });
  log.step('Isolation: the rebuilt replica alone answers', () => {
    log.add(400, { type: 'replica-deleted', replica: source });
    observeModes(log, { [rebuildOn.replica]: 'RW' }, 'degraded');
    log.pass(plan, 'isolated', 0, [rebuildOn], lost);
  });
  log.step('Reattached on another node', () => {
    observeModes(log, { [rebuildOn.replica]: 'RW', [replenished.replica]: 'WO' }, 'degraded');
    log.add(800, {
      type: 'observed',
      kind: 'Volume',
      name: 'vol',
      summary: { state: 'attached', robustness: 'healthy' },
    });
    observeModes(log, { [rebuildOn.replica]: 'RW', [replenished.replica]: 'RW' }, 'healthy');
    const replicas = [rebuildOn, replenished];
    log.add(1, { type: 'topology', phase: 'reattached', volume: 'vol', engineNode: 'node-2', replicas });
    log.pass(plan, 'reattached', 0, [rebuildOn, replenished], lost);
  });
  log.add(300, { type: 'undo', what: 'pod probe', outcome: 'undone' });
  log.add(300, { type: 'undo', what: 'volume vol', outcome: 'undone' });
  log.add(5, { type: 'run-finished' });
  return log.events;
}

function createVolume(log: Log, plan: Plan): void {
  log.step('Backing image ready on each disk', () => {
    log.add(700, { type: 'observed', kind: 'BackingImage', name: 'test-bi', summary: { ready: '2' } });
  });
  log.step('Volume attached', () => {
    log.add(300, {
      type: 'observed',
      kind: 'Volume',
      name: 'vol',
      summary: { state: 'attaching', robustness: 'unknown' },
    });
    log.add(900, {
      type: 'observed',
      kind: 'Volume',
      name: 'vol',
      summary: { state: 'attached', robustness: 'healthy' },
    });
    observeModes(log, { [source.replica]: 'RW', [victim.replica]: 'RW' }, 'healthy');
    log.add(1, {
      type: 'topology',
      phase: 'attached',
      volume: 'vol',
      engineNode: 'node-1',
      replicas: [source, victim],
    });
  });
  log.step('Seeded writes, flushed', () => {
    const bytes = plan.writes.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
    log.add(250, { type: 'written', writes: plan.writes.length, bytes, flushed: true });
  });
}

function rebuild(log: Log, target: ReplicaPlacement): void {
  log.step('One replica deleted, the rebuild proven', () => {
    log.add(100, { type: 'replica-deleted', replica: victim });
    observeModes(log, { [source.replica]: 'RW' }, 'degraded');
    observeModes(log, { [source.replica]: 'RW', [target.replica]: 'WO' }, 'degraded');
    log.add(1500, {
      type: 'observed',
      kind: 'Volume',
      name: 'vol',
      summary: { state: 'attached', robustness: 'healthy' },
    });
    observeModes(log, { [source.replica]: 'RW', [target.replica]: 'RW' }, 'healthy');
    const evidence = [`${victim.replica} is gone`, `${target.replica} appeared as WO`, `${target.replica} is RW`];
    log.add(2, { type: 'rebuild-proven', removed: victim.replica, rebuilt: target, sources: [source], evidence });
    log.add(1, { type: 'topology', phase: 'rebuilt', volume: 'vol', engineNode: 'node-1', replicas: [source, target] });
  });
}

function observeModes(log: Log, modes: Record<string, string>, robustness: string): void {
  log.add(200, { type: 'observed', kind: 'Volume', name: 'vol', summary: { state: 'attached', robustness } });
  const replicaModes = Object.entries(modes)
    .map(([replica, mode]) => `${replica}=${mode}`)
    .join(' ');
  log.add(20, { type: 'observed', kind: 'Engine', name: 'vol-e-0', summary: { state: 'running', replicaModes } });
}

function audit(log: Log, phase: PassPhase, target: ReplicaPlacement, lacksImage: boolean, plan: Plan): void {
  const lvol = { allocatedClusters: plan.writes.length, isSnapshot: false, isEsnapClone: false };
  const image = (at: ReplicaPlacement): string => `bi-test-bi-disk-${at.diskUuid}`;
  const chains = [source, target].map((at) => {
    const parent = lacksImage && at === target ? null : image(at);
    return { ...at, chain: [{ ...lvol, name: at.replica, lvstoreUuid: at.diskUuid, parent }] };
  });
  log.add(150, { type: 'lvol-audit', phase, chains, backingImage: 'test-bi' });
  if (!lacksImage) return;
  const detail = `the chain ends in ${target.replica}, expected ${image(target)}`;
  const { replica, diskUuid } = target;
  log.add(1, { type: 'audit-problem', phase, problem: 'chain-lacks-backing-image', replica, diskUuid, detail });
}

/** The log without the events that the filter names. */
export function without(events: readonly RunEvent[], dropped: (event: RunEvent) => boolean): RunEvent[] {
  return events.filter((event) => !dropped(event));
}

/** The log with one more event, just before the run finishes. */
export function withEvent(events: readonly RunEvent[], body: RunEventBody): RunEvent[] {
  const end = events.findIndex(({ type }) => type === 'run-finished');
  const at = end === -1 ? events.length : end;
  const before = events[at - 1];
  const stamped: RunEvent = { ...body, tMs: before?.tMs ?? 0, at: before?.at ?? '2025-01-01T00:00:00.000Z' };
  return [...events.slice(0, at), stamped, ...events.slice(at)];
}

/** The log with every pass of one phase changed. */
export function withPasses(events: readonly RunEvent[], phase: PassPhase, change: (pass: Pass) => Pass): RunEvent[] {
  return events.map((event) => (event.type === 'pass' && event.phase === phase ? change(event) : event));
}
