import type { InstallableVersion } from './longhorn/releases.ts';

/** A raw device of a node of an existing cluster: `/dev/…`, or a PCI address for SPDK's own driver. */
export interface NodeDevice {
  readonly node: string;
  readonly path: string;
}

export interface KindProvider {
  readonly kind: 'kind';
  /** Longhorn's nodes: workers beside a control plane, or one node that is both and has several disks. */
  readonly shape: { readonly kind: 'workers'; readonly count: number } | { readonly kind: 'single-node' };
  readonly diskBytes: number;
  /** A node image that is used as it is; without it one is built. */
  readonly nodeImage?: string;
  /** An archive of `docker save`, loaded into the nodes so that they pull nothing. */
  readonly imageArchive?: string;
}

export interface ExistingProvider {
  readonly kind: 'existing';
  readonly devices: readonly NodeDevice[];
  /** Two replicas of a volume may share a node, for a cluster with one node. */
  readonly shape: 'several-nodes' | 'single-node';
}

export interface ClusterRequest {
  /** Names the cluster's record; with Kind also the Kind cluster. */
  readonly name: string;
  readonly context: string;
  readonly kubeconfig?: string;
  readonly longhorn: InstallableVersion;
  readonly provider: KindProvider | ExistingProvider;
  /** Where all images come from instead of Docker Hub. */
  readonly registry?: string;
  /** A Secret in longhorn-system that the person made. */
  readonly pullSecret?: string;
  /** A chart on this machine, or a URL of one, instead of charts.longhorn.io. */
  readonly chart?: string;
  /** Shown in the command to run next. */
  readonly probeImage?: string;
}
