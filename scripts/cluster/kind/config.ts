import { stringify } from 'yaml';
import type { ClusterRequest, KindProvider } from '../request.ts';

/**
 * `/dev` of the host: a node without it sees the devices of the moment it was started, and none that nvme-tcp, device
 * mapper or losetup make later. It is one devtmpfs, so they show without mount propagation; and with it docker refuses the
 * node wherever /dev is a private mount, as it is on hosts without systemd. Everything else is there already: Kind mounts
 * /lib/modules, makes the node's mounts shared (images/base/files/usr/local/bin/entrypoint) and gives it a /var of its own
 * for Longhorn's filesystem disk (kubernetes-sigs/kind:pkg/cluster/internal/providers/docker/provision.go@v0.32.0). A
 * second mount of /lib/modules would be refused by docker.
 */
const extraMounts = [{ hostPath: '/dev', containerPath: '/dev' }];

/** The Kind cluster, as `kind create cluster --config` reads it. */
export function kindConfig(request: ClusterRequest, provider: KindProvider, nodeImage: string): string {
  const node = (role: 'control-plane' | 'worker', longhorn: 'with-longhorn' | 'without-longhorn') => ({
    role,
    image: nodeImage,
    ...(longhorn === 'with-longhorn' ? { extraMounts } : {}),
  });
  const nodes =
    provider.shape.kind === 'single-node'
      ? [node('control-plane', 'with-longhorn')]
      : [
          node('control-plane', 'without-longhorn'),
          ...Array.from({ length: provider.shape.count }, () => node('worker', 'with-longhorn')),
        ];
  return stringify(
    { kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', name: request.name, nodes },
    { aliasDuplicateObjects: false },
  );
}
