import type { KubeObject, ObjectMeta } from '../../../apiserver/store.ts';
import type { PodSpec } from './pod.ts';
import type { PersistentVolumeClaim } from './storage.ts';
import type { LabelSelector } from '../label-selector.ts';

export interface PodTemplate {
  metadata?: Partial<ObjectMeta>;
  spec: PodSpec;
}

export interface WorkloadCondition {
  type: string;
  status: 'True' | 'False';
  lastUpdateTime?: string;
  lastProbeTime?: string;
  lastTransitionTime: string;
  reason?: string;
  message?: string;
}

export interface ReplicaSet extends KubeObject {
  spec: { replicas?: number; selector: LabelSelector; template: PodTemplate };
  status?: {
    replicas?: number;
    fullyLabeledReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    observedGeneration?: number;
  };
}

export interface Deployment extends KubeObject {
  spec: {
    replicas?: number;
    selector: LabelSelector;
    template: PodTemplate;
    strategy?: {
      type?: 'RollingUpdate' | 'Recreate';
      rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string };
    };
  };
  status?: { conditions?: WorkloadCondition[]; [field: string]: unknown };
}

export interface DaemonSet extends KubeObject {
  spec: { selector: LabelSelector; template: PodTemplate };
  status?: Record<string, unknown>;
}

export interface StatefulSet extends KubeObject {
  spec: {
    replicas?: number;
    serviceName?: string;
    podManagementPolicy?: 'OrderedReady' | 'Parallel';
    selector: LabelSelector;
    template: PodTemplate;
    volumeClaimTemplates?: PersistentVolumeClaim[];
  };
  status?: Record<string, unknown>;
}

export interface Job extends KubeObject {
  spec: {
    completions?: number;
    parallelism?: number;
    completionMode?: 'NonIndexed' | 'Indexed';
    backoffLimit?: number;
    backoffLimitPerIndex?: number;
    maxFailedIndexes?: number;
    suspend?: boolean;
    ttlSecondsAfterFinished?: number;
    selector?: LabelSelector;
    template: PodTemplate;
  };
  status?: {
    startTime?: string;
    completionTime?: string;
    active?: number;
    ready?: number;
    succeeded?: number;
    failed?: number;
    completedIndexes?: string;
    failedIndexes?: string;
    conditions?: WorkloadCondition[];
    [field: string]: unknown;
  };
}
