import { createController, type Controller } from '../cluster/controller.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { withCondition } from '../model/condition.ts';
import { isTerminating } from '../model/replica.ts';
import type { SupportBundle, SupportBundleState, SupportBundleStatus } from '../model/support-bundle.ts';
import { bundleFile } from './bundle-file.ts';
import { bundleUrl, deleteManager, ensureManager, managerAddress, managerName } from './manager-deployment.ts';

/** Longhorn's delay between two looks. */
const lookAgainSeconds = 1;

/**
 * Phases of the collecting pod, each the same part of the progress. Source: rancher/support-bundle-kit:pkg/manager/manager.go,
 * pkg/types/types.go.
 */
const phases = ['init', 'cluster bundle', 'node bundle', 'prometheus bundle', 'package', 'done'];

/**
 * Collects a support bundle: a deployment, a file, ready for download; deleting the object ends it. Nothing of it fails
 * here, so the states Error and Purging do not come. Source: longhorn-manager:controller/support_bundle_controller.go@v1.11.3.
 */
export function startSupportBundleController(
  cluster: LonghornCluster,
  onError: (key: string, error: unknown) => void,
): Controller {
  const { clock, signal } = cluster;
  const sync = (name: string): void => {
    const bundle = cluster.supportBundles.get(name);
    if (bundle === undefined) return;
    syncBundle(cluster, bundle);
    const state = cluster.supportBundles.get(name)?.status?.state;
    if (state === 'Started' || state === 'Generating') controller.enqueueAfter(name, lookAgainSeconds);
  };
  const controller = createController({ name: 'longhorn-support-bundle', clock, signal, onError, sync });
  cluster.store.watch(cluster.supportBundles.resource, ({ object }) => {
    controller.enqueue(object.metadata.name);
  });
  return controller;
}

function syncBundle(cluster: LonghornCluster, bundle: SupportBundle): void {
  const { name } = bundle.metadata;
  const state = bundle.status?.state ?? '';
  if (isTerminating(bundle) && state !== 'Deleting') {
    enter(cluster, bundle, { state: 'Deleting', reason: 'Deleting', message: 'Deleting support bundle manager' });
    return;
  }
  switch (state) {
    case '':
      replaceReadyOnes(cluster, name);
      setStatus(cluster, name, { image: cluster.settings.text('support-bundle-manager-image') });
      enter(cluster, bundle, { state: 'Started', reason: 'Start', message: `Initialized ${name}` });
      return;
    case 'Started':
      ensureManager(cluster, bundle);
      if (managerAddress(cluster, bundle) === undefined) return;
      enter(cluster, bundle, {
        state: 'Generating',
        reason: 'Create',
        message: `Created deployment ${managerName(bundle)}`,
      });
      return;
    case 'Generating':
      generate(cluster, bundle);
      return;
    case 'Deleting':
      deleteManager(cluster, bundle);
      cluster.bundleFiles.delete(name);
      cluster.supportBundles.removeFinalizer(name);
      return;
    case 'Replaced':
      cluster.supportBundles.delete(name);
      return;
    case 'ReadyForDownload':
    case 'Error':
  }
}

/** One phase further, as the manager pod would answer at this look. */
function generate(cluster: LonghornCluster, bundle: SupportBundle): void {
  const { name } = bundle.metadata;
  const done = Math.round(((bundle.status?.progress ?? 0) * phases.length) / 100) + 1;
  const phase = phases[done - 1] ?? 'done';
  const managerIP = managerAddress(cluster, bundle) ?? '';
  const now = cluster.clock.timestamp();
  setStatus(cluster, name, {
    managerIP,
    progress: Math.floor((100 * done) / phases.length),
    conditions: withCondition(bundle.status?.conditions, {
      type: 'Manager',
      status: 'True',
      reason: 'Create',
      message: phase,
      now,
    }),
  });
  cluster
    .recorderOf('longhorn-support-bundle-controller')
    .normal(bundle, 'Create', `Support bundle manager updated phase: ${phase}`);
  if (done < phases.length) return;
  const file = bundleFile(cluster, bundle);
  cluster.bundleFiles.set(name, file);
  setStatus(cluster, name, { filename: file.name, filesize: file.content.length });
  const message = `Generated support bundle ${file.name} in ${bundleUrl(managerIP)}`;
  enter(cluster, bundle, { state: 'ReadyForDownload', reason: 'Create', message });
}

function replaceReadyOnes(cluster: LonghornCluster, name: string): void {
  for (const other of cluster.supportBundles.list()) {
    if (other.metadata.name === name || other.status?.state !== 'ReadyForDownload') continue;
    setStatus(cluster, other.metadata.name, { state: 'Replaced' });
  }
}

function enter(
  cluster: LonghornCluster,
  bundle: SupportBundle,
  { state, reason, message }: { state: SupportBundleState; reason: string; message: string },
): void {
  setStatus(cluster, bundle.metadata.name, { state });
  cluster.recorderOf('longhorn-support-bundle-controller').normal(bundle, reason, message);
}

function setStatus(cluster: LonghornCluster, name: string, change: Partial<SupportBundleStatus>): void {
  cluster.supportBundles.changeStatus(name, (draft) => {
    const ownerID = draft.spec.nodeID ?? cluster.nodes.list()[0]?.metadata.name ?? '';
    const initial = {
      ownerID,
      image: '',
      managerIP: '',
      state: '',
      progress: 0,
      filename: '',
      filesize: 0,
      conditions: [],
    } as const;
    draft.status = {
      ...initial,
      ...draft.status,
      ...change,
      conditions: [...(change.conditions ?? draft.status?.conditions ?? [])],
    };
  });
}
