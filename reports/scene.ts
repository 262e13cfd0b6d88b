/** A scene that was kept, described: what is where, what to look at, how to go on by hand, how to remove it. */
import type { RunEvent } from '../helpers/verdict/events.ts';
import { eventsOf } from '../helpers/verdict/history.ts';

export interface SceneOptions {
  readonly runId: string;
  readonly namespace: string;
  readonly longhornNamespace: string;
  readonly kubeconfigPath: string;
  readonly context: string;
}

/** The device in the pods of a run; the last of them still has the volume. */
const devicePath = '/dev/v2-verifier';

/** One MiB of the device, the first wrong one where there is one. */
function readAgain(
  kubectl: string,
  namespace: string,
  { kept, mib }: { kept: readonly string[]; mib: number },
): string[] {
  const pod = kept.map((what) => /^Pod (probe-\S+)$/.exec(what)?.[1]).find((name) => name !== undefined);
  if (pod === undefined) return [];
  const dd = `dd if=${devicePath} bs=1M skip=${String(mib)} count=1 iflag=direct status=none`;
  return [`    ${kubectl} -n ${namespace} exec ${pod} -- ${dd} | od -A d -t x1z | head`];
}

/** Markdown, from the event log and the names that the run used. */
export function sceneText(events: readonly RunEvent[], options: SceneOptions): string {
  const { runId, namespace, longhornNamespace, kubeconfigPath, context } = options;
  const kubectl = `kubectl --kubeconfig ${kubeconfigPath} --context ${context}`;
  const seen = eventsOf(events, 'topology');
  const volumes = [...new Set(seen.map(({ volume }) => volume))];
  const last = volumes.flatMap((volume) => seen.findLast((topology) => topology.volume === volume) ?? []);
  const rebuilt = new Set(eventsOf(events, 'rebuild-proven').map((proven) => proven.rebuilt.replica));
  const wrong = eventsOf(events, 'pass').filter(({ wrongMibs }) => wrongMibs.length > 0);
  const kept = eventsOf(events, 'undo').filter(({ outcome }) => outcome === 'kept');
  const replicasOf = ({ replicas }: (typeof last)[number]): string[] =>
    replicas.map(({ replica, nodeId, diskName, diskUuid }) => {
      const mark = rebuilt.has(replica) ? ', made by the rebuild' : '';
      return `- replica \`${replica}\` on node ${nodeId}, disk ${diskName ?? 'unnamed'} (lvstore ${diskUuid})${mark}`;
    });
  // So it is with the embedded cluster's, an NBD export.
  const closedToDd = eventsOf(events, 'cross-check').find(
    ({ state, tool }) => state === 'skipped' && tool.startsWith('dd '),
  );
  const one = volumes.length === 1 ? `=${volumes.join('')}` : ` in (${volumes.join(',')})`;
  const objects = volumes.length === 0 ? '' : ` -l 'longhornvolume${one}'`;
  return [
    `# Scene of run ${runId}`,
    '',
    ...(last.length === 0 ? ['The run ended before its volume was attached.', ''] : []),
    ...last.flatMap((topology) => [
      `Volume \`${topology.volume}\`, engine on node ${topology.engineNode}, as last seen (${topology.phase}):`,
      '',
      ...replicasOf(topology),
      '',
    ]),
    ...wrong.slice(-3).map(({ phase, index, replicas: answering, wrongMibs }) => {
      return `- pass ${String(index + 1)} (${phase}), answered by ${answering.join(', ')}: wrong MiB ${wrongMibs.slice(0, 20).join(', ')}`;
    }),
    '',
    'Kept:',
    '',
    ...kept.map(({ what }) => `- ${what}`),
    '',
    'Look at it and go on by hand:',
    '',
    `    ${kubectl} -n ${namespace} get pods,pvc -o wide`,
    `    ${kubectl} -n ${longhornNamespace} get volumes.longhorn.io,engines.longhorn.io,replicas.longhorn.io${objects}`,
    `    ${kubectl} -n ${longhornNamespace} get pods -l longhorn.io/component=instance-manager,longhorn.io/data-engine=v2`,
    `    ${kubectl} -n ${longhornNamespace} exec POD -c instance-manager -- go-spdk-helper bdev-lvol get`,
    ...(closedToDd === undefined
      ? readAgain(kubectl, namespace, { kept: kept.map(({ what }) => what), mib: wrong.at(-1)?.wrongMibs[0] ?? 0 })
      : ['', `The device cannot be read by hand: ${closedToDd.detail}.`]),
    '',
    'Remove it:',
    '',
    `    npm run sweep -- --kubeconfig ${kubeconfigPath} --context ${context} --run ${runId}`,
    '',
  ].join('\n');
}
