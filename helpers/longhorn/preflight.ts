/** What must hold before a run can mean anything. Everything is looked at, so that one run tells all that is missing. */
import type { KubeClient, Permission } from '../kubernetes/client.ts';
import { listDisks, type Disk } from './disks.ts';
import type { Environment } from './environment.ts';
import { instanceManagers } from './kinds.ts';
import { findLeftovers } from './leftovers.ts';
import type { Premise } from './premise.ts';
import { readSetting, valueForV2 } from './settings.ts';
import { versionWindow } from './version.ts';

export interface PreflightOptions {
  readonly client: KubeClient;
  readonly longhornNamespace: string;
  readonly namespace: string;
  readonly runId: string;
  readonly replicaCount: number;
  readonly environment: Environment;
}

export interface Preflight {
  readonly premises: readonly Premise[];
  /** Nodes with a running V2 instance manager: a V2 volume can be attached there. Sorted. */
  readonly attachableNodes: readonly string[];
}

export async function preflight(options: PreflightOptions): Promise<Preflight> {
  const { client, longhornNamespace, environment } = options;
  const [v2, disks, attachableNodes, permissions, leftovers] = await Promise.all([
    readSetting(client, longhornNamespace, 'v2-data-engine'),
    listDisks(client, longhornNamespace),
    v2Nodes(client, longhornNamespace),
    permissionPremise(options),
    leftoverPremise(options),
  ]);
  return {
    attachableNodes,
    premises: [
      permissions,
      versionWindow(environment.images).premise,
      v2EnabledPremise(v2),
      instanceManagerPremise(attachableNodes),
      replicaCountPremise(options.replicaCount),
      blockDiskPremise(disks, options.replicaCount),
      filesystemDiskPremise(disks),
      leftovers,
    ],
  };
}

async function v2Nodes(client: KubeClient, namespace: string): Promise<string[]> {
  const { items } = await client.list(instanceManagers, { namespace });
  const running = items.filter(({ spec, status }) => spec.dataEngine === 'v2' && status?.currentState === 'running');
  return [...new Set(running.flatMap(({ spec }) => (spec.nodeID === undefined ? [] : [spec.nodeID])))].sort();
}

function v2EnabledPremise(value: string | undefined): Premise {
  const name = 'the V2 data engine is enabled';
  const effective = value === undefined ? 'absent' : valueForV2(value);
  return effective === 'true'
    ? { name, state: 'met', detail: 'setting v2-data-engine is true' }
    : { name, state: 'unmet', detail: `setting v2-data-engine is ${effective}: enable it and add block disks` };
}

function instanceManagerPremise(nodes: readonly string[]): Premise {
  const name = 'a V2 instance manager runs';
  return nodes.length > 0
    ? { name, state: 'met', detail: `on ${nodes.join(', ')}` }
    : { name, state: 'unmet', detail: 'on no node: check huge pages and the instance-manager pods' };
}

function replicaCountPremise(replicaCount: number): Premise {
  const name = 'there are replicas to compare';
  return replicaCount >= 2
    ? { name, state: 'met', detail: `${String(replicaCount)} replicas` }
    : { name, state: 'unmet', detail: 'a single replica has no other to be rebuilt from: ask for 2 or more' };
}

/** Exported for its tests. */
export function blockDiskPremise(disks: readonly Disk[], replicaCount: number): Premise {
  const name = 'each replica can have a block disk of its own';
  const block = disks.filter(({ type }) => type === 'block');
  const usable = new Set(block.filter(({ unusable }) => unusable === undefined).map(({ uuid }) => uuid));
  const detail = `${String(usable.size)} usable block disk${usable.size === 1 ? '' : 's'} for ${String(replicaCount)} replicas`;
  if (usable.size >= replicaCount) return { name, state: 'met', detail };
  const because = block.flatMap(({ node, name: disk, unusable }) =>
    unusable === undefined ? [] : [`${disk} on ${node}: ${unusable}`],
  );
  const consequence =
    'source and target of the rebuild would be on the same disk, where longhorn/longhorn#10340 cannot show';
  return { name, state: 'unmet', detail: [detail, consequence, ...because].join('; ') };
}

function filesystemDiskPremise(disks: readonly Disk[]): Premise {
  const name = 'a filesystem disk can take the image';
  return disks.some(({ type, unusable }) => type === 'filesystem' && unusable === undefined)
    ? { name, state: 'met', detail: 'the image is downloaded there first, and copied to the block disks from there' }
    : { name, state: 'unmet', detail: 'V2 images too are downloaded to a filesystem disk first, and none is usable' };
}

async function leftoverPremise(options: PreflightOptions): Promise<Premise> {
  const name = 'nothing is left of earlier runs';
  const leftovers = await findLeftovers(options.client, { exceptRunId: options.runId });
  if (leftovers.length === 0) return { name, state: 'met', detail: 'no object carries the label of another run' };
  const shown = leftovers.slice(0, 5).map((owned) => `${owned.toString()} of run ${owned.runId}`);
  return {
    name,
    state: 'unmet',
    detail: `${String(leftovers.length)} objects are: ${shown.join(', ')}; "npm run sweep" removes them`,
  };
}

/** What the scenario does, as access reviews; a run that may not do all of it cannot come to a verdict. */
function neededPermissions({ longhornNamespace, namespace }: PreflightOptions): Permission[] {
  const longhorn = (resource: string, verb: string): Permission => ({
    verb,
    group: 'longhorn.io',
    resource,
    namespace: longhornNamespace,
  });
  return [
    longhorn('volumes', 'watch'),
    longhorn('backingimages', 'create'),
    longhorn('backingimages', 'delete'),
    longhorn('replicas', 'patch'),
    longhorn('replicas', 'delete'),
    longhorn('settings', 'patch'),
    { verb: 'create', group: '', resource: 'persistentvolumeclaims', namespace },
    { verb: 'create', group: '', resource: 'pods', namespace },
    { verb: 'create', group: '', resource: 'pods', subresource: 'exec', namespace },
    { verb: 'create', group: 'storage.k8s.io', resource: 'storageclasses' },
  ];
}

async function permissionPremise(options: PreflightOptions): Promise<Premise> {
  const name = 'the suite may do what it does';
  const needed = neededPermissions(options);
  const answers = await Promise.all(
    needed.map(async (permission) => ({ permission, answer: await options.client.mayI(permission) })),
  );
  const denied = answers.filter(({ answer }) => answer === 'denied').map(({ permission }) => describe(permission));
  return denied.length === 0
    ? { name, state: 'met', detail: `${String(needed.length)} access reviews allowed` }
    : { name, state: 'unmet', detail: `not allowed: ${denied.join(', ')}` };
}

function describe({ verb, resource, subresource, group }: Permission): string {
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
}
