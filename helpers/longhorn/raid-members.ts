/**
 * The replicas that an engine's raid really has, held against those that the engine says it has. One that is counted and
 * not there gets no write and answers no read, whatever its mode; one that is there twice stands for two.
 * longhorn-facts §5.7, §6.1
 */
import { z } from 'zod';
import type { KubeClient } from '../kubernetes/client.ts';
import type { ReplicaPlacement } from '../verdict/events.ts';
import { helperIn, runningInstanceManagers } from './helper-exec.ts';
import type { FoundProblem } from './lvol-audit.ts';
import { activeEngine, type SubjectView } from './subject.ts';

const raidsSchema = z.array(
  z.looseObject({
    name: z.string(),
    driver_specific: z
      .looseObject({
        raid: z
          .looseObject({
            base_bdevs_list: z.array(z.looseObject({ name: z.string().nullish(), is_configured: z.boolean() })),
          })
          .optional(),
      })
      .nullish(),
  }),
);

/**
 * Names of the base bdevs that answer for the raid of that name, in the order of their slots.
 *
 * @throws SyntaxError or ZodError when the text is not an answer of `go-spdk-helper bdev-raid get`
 */
export function parseRaidMembers(json: string, engine: string): readonly string[] | undefined {
  const raid = raidsSchema.parse(JSON.parse(json)).find(({ name }) => name === engine)?.driver_specific?.raid;
  return raid?.base_bdevs_list.filter(({ is_configured: isThere }) => isThere).map(({ name }) => name ?? '');
}

export type RaidMembers =
  | { readonly kind: 'read'; readonly engine: string; readonly bdevs: readonly string[] }
  /** The target does not let us look; why, as a sentence. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Of the volume's engine, where that runs. Never throws for what the target forbids. */
export async function readRaidMembers(client: KubeClient, namespace: string, view: SubjectView): Promise<RaidMembers> {
  const engine = activeEngine(view);
  const name = engine?.metadata.name ?? '';
  try {
    const [pod = ''] = await runningInstanceManagers(client, namespace, engine?.spec.nodeID ?? '');
    const bdevs = parseRaidMembers(await helperIn(client, namespace, pod)(['bdev-raid', 'get', name]), name);
    if (bdevs === undefined) return { kind: 'unreadable', reason: `${pod} shows no raid bdev ${name}` };
    return { kind: 'read', engine: name, bdevs };
  } catch (error) {
    if (client.signal.aborted) throw error;
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A replica's head is attached as `<replica>n1` (longhorn-spdk-engine:pkg/spdk/engine.go@44753b56). */
const bdevOf = (replica: string): string => `${replica}n1`;

/** Every replica that the engine counts as RW or WO is a member once, and nothing else is one. */
export function memberProblems(
  { engine, bdevs }: Extract<RaidMembers, { kind: 'read' }>,
  modes: Readonly<Record<string, string>>,
  placements: readonly ReplicaPlacement[],
): FoundProblem[] {
  const problem = 'raid-members-differ';
  const serving = Object.keys(modes).filter((replica) => modes[replica] === 'RW' || modes[replica] === 'WO');
  const raid = `raid ${engine} has ${bdevs.join(', ') || 'no base bdev'}`;
  const miscounted = serving.flatMap((replica): FoundProblem[] => {
    const times = bdevs.filter((bdev) => bdev === bdevOf(replica)).length;
    if (times === 1) return [];
    const diskUuid = placements.find((placement) => placement.replica === replica)?.diskUuid ?? '';
    const detail = `${replica} is ${modes[replica] ?? ''} and ${times === 0 ? 'not' : `${String(times)} times`} in it: ${raid}`;
    return [{ problem, replica, diskUuid, detail }];
  });
  const known = new Set(serving.map(bdevOf));
  const others = bdevs.filter((bdev) => !known.has(bdev));
  if (others.length === 0) return miscounted;
  const detail = `${others.join(', ')} is of no replica that serves: ${raid}`;
  return [...miscounted, { problem, replica: '', diskUuid: '', detail }];
}
