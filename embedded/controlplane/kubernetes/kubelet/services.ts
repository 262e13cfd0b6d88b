import type { ImageCatalog } from '../../../runtime/image-catalog.ts';
import type { PodAddresses } from '../../../runtime/pod-addresses.ts';
import type { ProcessGroups } from '../../../runtime/process-group.ts';
import type { ToolDirectory } from '../../../runtime/tool-directory.ts';
import type { ClusterContext } from '../context.ts';
import type { Container, Pod } from '../objects/pod.ts';

/** What the kubelets of all nodes share. */
export interface KubeletServices {
  readonly context: ClusterContext;
  readonly groups: ProcessGroups;
  readonly images: ImageCatalog;
  readonly tools: ToolDirectory;
  readonly addresses: PodAddresses;
  /** Below it every pod has a directory. */
  readonly podsDirectory: string;
  /** The cluster's own directory, below which hostPath volumes may point. */
  readonly clusterDirectory: string;
}

/** Reports an event about a pod, or about one of its containers, as the kubelet of its node. */
export function podEvent(
  services: KubeletServices,
  pod: Pod,
  report: { type: 'Normal' | 'Warning'; reason: string; message: string; container?: Container },
): void {
  const { container, ...event } = report;
  if (services.context.signal.aborted) {
    return;
  }
  const initial =
    container !== undefined && pod.spec.initContainers?.some(({ name }) => name === container.name) === true;
  services.context.events.record({
    ...event,
    object: pod,
    component: 'kubelet',
    host: pod.spec.nodeName ?? '',
    ...(container === undefined
      ? {}
      : { fieldPath: `spec.${initial ? 'initContainers' : 'containers'}{${container.name}}` }),
  });
}
