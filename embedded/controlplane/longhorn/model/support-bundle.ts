import type { KubeObject } from '../../../apiserver/store.ts';
import type { Condition } from './condition.ts';

/** Source: longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/supportbundle.go@v1.8.0..v1.11.3. */
export interface SupportBundle extends KubeObject {
  spec: { nodeID?: string; issueURL?: string | null; description: string };
  status?: SupportBundleStatus;
}

export interface SupportBundleStatus {
  ownerID: string;
  image: string;
  managerIP: string;
  state: SupportBundleState;
  progress: number;
  filename: string;
  filesize: number;
  conditions: Condition[];
}

export type SupportBundleState = '' | 'Started' | 'Generating' | 'ReadyForDownload' | 'Replaced' | 'Deleting' | 'Error';
