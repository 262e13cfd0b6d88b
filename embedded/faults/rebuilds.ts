import type { ParameterSpec, ParameterValues } from './parameters.ts';

/** Which rebuilds of a volume a fault strikes. */
export const rebuildParameter: ParameterSpec = {
  kind: 'choice',
  default: 'every',
  choices: ['first', 'second', 'every'],
  text: 'which rebuild of a volume it strikes',
};

/** Answers whether the rebuild of a replica is to be struck; rebuilds are counted per volume as they are first asked about. */
export function struckRebuilds(parameters: ParameterValues): (destinationReplica: string) => boolean {
  const wanted = parameters.choice('rebuild');
  const seen = new Map<string, string[]>();
  return (destinationReplica) => {
    const volume = volumeOf(destinationReplica);
    const replicas = seen.get(volume) ?? [];
    seen.set(volume, replicas);
    if (!replicas.includes(destinationReplica)) replicas.push(destinationReplica);
    const ordinal = replicas.indexOf(destinationReplica) + 1;
    return wanted === 'every' || ordinal === (wanted === 'first' ? 1 : 2);
  };
}

/** The replica that `<replica>-rebuilding` is made for. */
export function replicaOfRebuildingLvol(lvolName: string): string {
  return lvolName.replace(/-rebuilding$/, '');
}

/** Whether an lvol has the name of a replica, which is that of its head. */
export function isHeadName(lvolName: string): boolean {
  return /-r-[0-9a-z]+$/.test(lvolName);
}

/** The replica that an lvol belongs to: as its head, a snapshot, or one that is rebuilt; '' for a shared parent. */
export function replicaOf(lvolName: string): string {
  return /^.*-r-[0-9a-z]+(?=-|$)/.exec(lvolName)?.[0] ?? '';
}

/** The volume that a replica, or one of its lvols, belongs to. */
export function volumeOf(lvolName: string): string {
  return lvolName.replace(/-r-[0-9a-z]+(-.*)?$/, '');
}
