import type { KubeObject } from '../../../apiserver/store.ts';
import type { NodeSelector } from './pod.ts';

export type VolumeMode = 'Block' | 'Filesystem';

export interface PersistentVolumeClaim extends KubeObject {
  spec: {
    accessModes?: string[];
    resources?: { requests?: { storage?: string } };
    storageClassName?: string;
    volumeMode?: VolumeMode;
    volumeName?: string;
    selector?: { matchLabels?: Record<string, string> };
    dataSource?: { apiGroup?: string; kind: string; name: string };
  };
  status?: {
    phase?: 'Pending' | 'Bound' | 'Lost';
    accessModes?: string[];
    capacity?: Record<string, string>;
    conditions?: { type: string; status: string; lastProbeTime: null; lastTransitionTime: string }[];
  };
}

export interface ClaimReference {
  apiVersion?: string;
  kind?: string;
  namespace: string;
  name: string;
  uid?: string;
  resourceVersion?: string;
}

export interface PersistentVolume extends KubeObject {
  spec: {
    accessModes?: string[];
    capacity?: { storage?: string };
    claimRef?: ClaimReference;
    csi?: { driver: string; volumeHandle: string; fsType?: string; volumeAttributes?: Record<string, string> };
    hostPath?: { path: string };
    local?: { path: string };
    nfs?: { server: string; path: string };
    persistentVolumeReclaimPolicy?: 'Delete' | 'Retain';
    storageClassName?: string;
    volumeMode?: VolumeMode;
    nodeAffinity?: { required?: NodeSelector };
  };
  status?: { phase?: string; reason?: string; message?: string; lastPhaseTransitionTime?: string };
}

export interface StorageClass extends KubeObject {
  provisioner: string;
  parameters?: Record<string, string>;
  reclaimPolicy?: 'Delete' | 'Retain';
  volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
}

export interface VolumeAttachment extends KubeObject {
  spec: { attacher: string; nodeName: string; source: { persistentVolumeName?: string } };
  status?: {
    attached: boolean;
    attachmentMetadata?: Record<string, string>;
    attachError?: { time: string; message: string };
    detachError?: { time: string; message: string };
  };
}
