import type { Admission, AdmissionRequest, KubeObject } from '../../../apiserver/store.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { longhornFinalizer } from '../cluster/names.ts';
import { longhornGroup } from '../resources/custom-resources.ts';
import { backingImageWebhook } from './backing-image-webhook.ts';
import { engineWebhook, replicaWebhook } from './instance-webhooks.ts';
import { nodeWebhook } from './node-webhook.ts';
import { recurringJobWebhook } from './recurring-job-webhook.ts';
import { settingWebhook } from './setting-webhook.ts';
import { supportBundleWebhook } from './support-bundle-webhook.ts';
import { attachmentWebhook, snapshotWebhook } from './volume-child-webhooks.ts';
import { volumeWebhook } from './volume-webhook.ts';
import type { Webhook } from './webhook.ts';

const webhooks: Readonly<Record<string, Webhook<never>>> = {
  backingimages: backingImageWebhook,
  volumes: volumeWebhook,
  replicas: replicaWebhook,
  engines: engineWebhook,
  snapshots: snapshotWebhook,
  volumeattachments: attachmentWebhook,
  nodes: nodeWebhook,
  settings: settingWebhook,
  recurringjobs: recurringJobWebhook,
  supportbundles: supportBundleWebhook,
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
  'engineimages',
  'orphans',
  'supportbundles',
]);

/**
 * Longhorn's admission webhooks. Before the control plane has started there is no cluster to ask, and everything
 * passes: only its own seed objects are written then.
 */
export function createAdmission(clusterOf: () => LonghornCluster | undefined): Admission {
  const find = (
    request: AdmissionRequest,
  ): { plural: string; rules: Webhook<KubeObject>; cluster: LonghornCluster | undefined } | undefined => {
    const [plural = '', ...group] = request.resource.split('.');
    if (group.join('.') !== longhornGroup || request.subresource === 'status') return undefined;
    return { plural, rules: (webhooks[plural] ?? {}), cluster: clusterOf() };
  };
  return {
    mutate(request) {
      const target = find(request);
      if (target === undefined) return;
      const { object, oldObject } = request;
      if (request.operation === 'CREATE' && finalized.has(target.plural)) {
        const finalizers = object.metadata.finalizers ?? [];
        if (!finalizers.includes(longhornFinalizer)) object.metadata.finalizers = [...finalizers, longhornFinalizer];
      }
      if (target.cluster === undefined) return;
      if (request.operation === 'CREATE') target.rules.mutateCreate?.(target.cluster, object);
      else if (request.operation === 'UPDATE' && oldObject !== undefined && !isLettingGo(object)) {
        target.rules.mutateUpdate?.(target.cluster, object, oldObject);
      }
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

/** Removing the finalizer of a terminating object is never refused. */
function isLettingGo(object: KubeObject): boolean {
  const finalizers = object.metadata.finalizers ?? [];
  return object.metadata.deletionTimestamp !== undefined && !finalizers.includes(longhornFinalizer);
}
