import type { Admission, AdmissionRequest, KubeObject } from '../../../apiserver/store.ts';
import type { VersionProfile } from '../../../versions/profile.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { longhornFinalizer } from '../cluster/names.ts';
import { customResourcesOf, longhornGroup } from '../resources/custom-resources.ts';
import { withoutController } from '../cluster/release-controller.ts';
import { backingImageWebhook } from './backing-image-webhook.ts';
import {
  backupTargetWebhook,
  backupVolumeWebhook,
  systemBackupWebhook,
  systemRestoreWebhook,
} from './backup-webhooks.ts';
import { decodeFault } from './decode.ts';
import { internal } from './denial.ts';
import { engineFrontendWebhook, engineWebhook, replicaWebhook } from './instance-webhooks.ts';
import {
  dataSourceWebhook,
  engineImageWebhook,
  fileManagerWebhook,
  instanceManagerWebhook,
  orphanWebhook,
} from './managed-webhooks.ts';
import { nodeWebhook } from './node-webhook.ts';
import { recurringJobWebhook } from './recurring-job-webhook.ts';
import { settingWebhook } from './setting-webhook.ts';
import { supportBundleWebhook } from './support-bundle-webhook.ts';
import { attachmentWebhook, snapshotWebhook } from './volume-child-webhooks.ts';
import { volumeWebhook } from './volume-webhook.ts';
import type { Webhook } from './webhook.ts';

const webhooks: Readonly<Record<string, Webhook<never>>> = {
  backingimages: backingImageWebhook,
  backingimagedatasources: dataSourceWebhook,
  backingimagemanagers: fileManagerWebhook,
  backuptargets: backupTargetWebhook,
  backupvolumes: backupVolumeWebhook,
  volumes: volumeWebhook,
  replicas: replicaWebhook,
  engines: engineWebhook,
  enginefrontends: engineFrontendWebhook,
  engineimages: engineImageWebhook,
  instancemanagers: instanceManagerWebhook,
  snapshots: snapshotWebhook,
  volumeattachments: attachmentWebhook,
  nodes: nodeWebhook,
  orphans: orphanWebhook,
  settings: settingWebhook,
  recurringjobs: recurringJobWebhook,
  supportbundles: supportBundleWebhook,
  systembackups: systemBackupWebhook,
  systemrestores: systemRestoreWebhook,
};

/** Kinds whose objects live until their controller lets go. */
const finalized = new Set([
  'backingimages',
  'backingimagedatasources',
  'backingimagemanagers',
  'volumes',
  'replicas',
  'engines',
  'enginefrontends',
  'snapshots',
  'volumeattachments',
  'nodes',
  'orphans',
  'supportbundles',
  ...withoutController,
]);

interface Target {
  readonly plural: string;
  readonly rules: Webhook<KubeObject>;
  readonly cluster: LonghornCluster | undefined;
}

/**
 * Longhorn's admission webhooks. Before the control plane has started there is no cluster to ask, and everything
 * passes: only its own seed objects are written then.
 */
export function createAdmission(profile: VersionProfile, clusterOf: () => LonghornCluster | undefined): Admission {
  const kinds = new Map(customResourcesOf(profile.version).map((resource) => [resource.plural, resource]));
  const find = (request: AdmissionRequest): Target | undefined => {
    const [plural = '', ...group] = request.resource.split('.');
    if (group.join('.') !== longhornGroup || request.subresource === 'status') return undefined;
    return { plural, rules: webhooks[plural] ?? {}, cluster: clusterOf() };
  };
  return {
    mutate(request) {
      const target = find(request);
      if (target === undefined || request.operation === 'DELETE') return;
      const { object, oldObject } = request;
      const kind = kinds.get(target.plural);
      const fault = kind === undefined ? undefined : decodeFault(kind.kind, kind.schema ?? {}, object);
      if (fault !== undefined) throw internal(fault, 'mutator');
      let untouched = false;
      if (target.cluster !== undefined) {
        if (request.operation === 'CREATE')
          untouched = target.rules.mutateCreate?.(target.cluster, object) === 'untouched';
        else if (oldObject !== undefined && !isLettingGo(object))
          target.rules.mutateUpdate?.(target.cluster, object, oldObject);
      }
      if (!untouched && finalized.has(target.plural)) keepFinalizer(object);
    },
    validate(request) {
      const target = find(request);
      if (target?.cluster === undefined) return;
      const { object, oldObject } = request;
      if (request.operation === 'CREATE') target.rules.validateCreate?.(target.cluster, object);
      else if (request.operation === 'DELETE') target.rules.validateDelete?.(target.cluster, object);
      else if (oldObject !== undefined && !isLettingGo(object)) {
        target.rules.validateUpdate?.(target.cluster, object, oldObject);
      }
    },
  };
}

/** Only a terminating object can lose it. Source: longhorn-manager:webhook/common/common.go GetLonghornFinalizerPatchOpIfNeeded. */
function keepFinalizer({ metadata }: KubeObject): void {
  const finalizers = metadata.finalizers ?? [];
  if (metadata.deletionTimestamp !== undefined || finalizers.includes(longhornFinalizer)) return;
  metadata.finalizers = [...finalizers, longhornFinalizer];
}

/** Removing the finalizer of a terminating object is never refused. */
function isLettingGo(object: KubeObject): boolean {
  const finalizers = object.metadata.finalizers ?? [];
  return object.metadata.deletionTimestamp !== undefined && !finalizers.includes(longhornFinalizer);
}
