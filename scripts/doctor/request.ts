import { randomBytes } from 'node:crypto';
import type { SharedParentKind } from '../../helpers/longhorn/version.ts';
import { type CommandHelp, parseFlags } from '../command-line/flags.ts';
import { parsePods } from '../verify/request/pods.ts';
import { parseTarget, targetFlags, type RequestedTarget } from '../verify/request/target.ts';

export const doctorHelp: CommandHelp = {
  summary:
    'Tells in seconds whether a verdict is possible on a cluster, and for each thing that is missing what to type.\n' +
    'Nothing is changed; one short-lived pod tries whether the probe image can be pulled.\n' +
    'Exit codes: 0 a verdict is possible, 2 it is not, 64 wrong usage.',
  usage: 'npm run doctor -- [flags]',
  flags: {
    ...targetFlags,
    'shared-parent': { value: 'KIND', text: 'what a run would use: backing-image (default) or linked-clone' },
    replicas: { value: 'N', text: 'replicas that a run would have (default 2)' },
    namespace: { value: 'NAME', text: 'namespace that a run would use (default one of its own)' },
    'longhorn-namespace': { value: 'NAME', text: "Longhorn's namespace (default longhorn-system)" },
    'probe-image': { value: 'IMAGE', text: 'image of the probe pod (default node:20-bookworm-slim)' },
    'pull-secret': { value: 'NAME,…', text: 'secrets of the --namespace with which nodes pull it' },
    'pull-timeout': { value: 'SECONDS', text: 'how long the image may take (default 60); 0 makes no pod' },
    contract: { text: 'also hold the cluster to every promise that the suite relies on; takes minutes' },
    json: { text: 'print one JSON document (reports/doctor.schema.json)' },
  },
  examples: [
    'npm run doctor -- --context kind-longhorn',
    'npm run doctor -- --context prod --replicas 3 --json',
    'npm run doctor -- --context edge --namespace verifier --probe-image registry.lan/node:20 --pull-secret lan',
    'npm run doctor -- --context kind-longhorn --contract',
  ],
};

export interface DoctorRequest {
  readonly target: RequestedTarget;
  /** Carried by the pod that tries the image. */
  readonly runId: string;
  readonly sharedParent: SharedParentKind;
  readonly replicaCount: number;
  readonly namespace: string;
  readonly longhornNamespace: string;
  readonly probeImage: string;
  readonly pullSecrets: readonly string[];
  readonly pullTimeoutMs: number;
  readonly contract: boolean;
  readonly output: 'screen' | 'json';
}

/** Throws `UsageError` before anything is asked of the cluster. */
export async function parseDoctorRequest(argv: readonly string[]): Promise<DoctorRequest> {
  const flags = parseFlags(argv, doctorHelp);
  const target = await parseTarget(flags);
  const runId = `doctor-${randomBytes(4).toString('hex')}`;
  return {
    target,
    runId,
    sharedParent: flags.choice('shared-parent', ['backing-image', 'linked-clone']) ?? 'backing-image',
    replicaCount: flags.integer('replicas', { min: 1, max: 20 }) ?? 2,
    ...parsePods(flags, target, runId),
    pullTimeoutMs: (flags.integer('pull-timeout', { min: 0, max: 3600 }) ?? 60) * 1000,
    contract: flags.given('contract'),
    output: flags.given('json') ? 'json' : 'screen',
  };
}
