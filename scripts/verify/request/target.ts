import { describeRequest } from '../../../embedded/faults/request.ts';
import { type TopologyName, topologyNames } from '../../../embedded/topology.ts';
import { type LonghornVersion, defaultLonghornVersion } from '../../../embedded/versions/profile.ts';
import type { CommandHelp, Flags } from '../../command-line/flags.ts';
import { UsageError } from '../../command-line/usage-error.ts';
import { defaultTopology, parseFault, parseLonghornVersion, parseTimeScale } from '../../embedded/shape.ts';
import { resolveContext } from '../kubeconfig.ts';

/** What runs the scenario: an embedded cluster made for this run, or an existing one that was named. */
export type RequestedTarget =
  | {
      readonly kind: 'embedded';
      readonly longhorn: LonghornVersion;
      readonly topology: TopologyName;
      readonly timeScale: number;
      /** `ID:key=value,…`, all spelled out; absent where the cluster is to be sound. */
      readonly fault?: string;
    }
  | {
      readonly kind: 'context';
      readonly context: string;
      readonly kubeconfigPath: string;
      /** The pod's own, where this runs in the cluster that it looks at. */
      readonly namespace?: string;
    };

/** How a command's target is named. */
export const targetFlags: CommandHelp['flags'] = {
  context: { value: 'NAME', text: 'kubeconfig context of a real cluster; always named explicitly' },
  kubeconfig: {
    value: 'FILE',
    text: 'kubeconfig to look the context up in (default: $KUBECONFIG or ~/.kube/config)',
  },
  'in-cluster': { text: "the cluster that this runs in, as the pod's service account; see `npm run job-manifest`" },
  longhorn: {
    value: 'VERSION',
    text: `embedded only: Longhorn release to behave as (default ${defaultLonghornVersion})`,
  },
  topology: { value: 'NAME', text: `embedded only: ${topologyNames.join(', ')} (default three-nodes)` },
  'time-scale': { value: 'FACTOR', text: "embedded only: 1 is Longhorn's real time (default 0.01)" },
};

/** The target that `targetFlags` name. Throws `UsageError` when they contradict one another. */
export async function parseTarget(flags: Flags): Promise<RequestedTarget> {
  const context = flags.text('context');
  const embeddedOnly = ['longhorn', 'topology', 'time-scale', 'fault'].find((name) => flags.given(name));
  if (flags.given('in-cluster')) {
    const other = ['context', 'kubeconfig'].find((name) => flags.given(name)) ?? embeddedOnly;
    if (other !== undefined) throw new UsageError(`--in-cluster and --${other} name two different clusters`);
    // The Kubernetes client takes a second to load; only a pod needs it here.
    const { inClusterContext } = await import('../in-cluster.ts');
    const { namespace, ...found } = inClusterContext();
    return { kind: 'context', ...found, ...(namespace === undefined ? {} : { namespace }) };
  }
  if (context !== undefined) {
    if (embeddedOnly !== undefined) {
      throw new UsageError(`--${embeddedOnly} describes the embedded cluster and cannot be combined with --context`);
    }
    return { kind: 'context', ...(await resolveContext({ context, kubeconfig: flags.text('kubeconfig') })) };
  }
  if (flags.given('kubeconfig')) {
    throw new UsageError('--kubeconfig needs --context NAME: a real cluster is always named explicitly');
  }
  return {
    kind: 'embedded',
    longhorn: parseLonghornVersion(flags.text('longhorn') ?? defaultLonghornVersion),
    topology: flags.choice('topology', topologyNames) ?? defaultTopology,
    timeScale: parseTimeScale(flags.text('time-scale')),
    ...faultFlag(flags.text('fault')),
  };
}

function faultFlag(text: string | undefined): { fault?: string } {
  const { fault } = parseFault(text);
  return fault === undefined ? {} : { fault: describeRequest(fault) };
}
