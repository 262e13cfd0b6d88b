import type { KubeObject } from '../../../apiserver/store.ts';

export interface Node extends KubeObject {
  spec: { unschedulable?: boolean; podCIDR?: string; podCIDRs?: string[]; providerID?: string };
  status?: {
    volumesInUse?: string[];
    volumesAttached?: { name: string; devicePath: string }[];
    [field: string]: unknown;
  };
}

export interface CsiNode extends KubeObject {
  spec: { drivers: { name: string; nodeID: string; topologyKeys: string[] }[] };
}
