/** What runs in the cluster, as far as a verdict depends on it. */
import type { KubeClient } from '../kubernetes/client.ts';
import { daemonSets, nodes, pods, type Pod } from '../kubernetes/core-kinds.ts';

export interface Environment {
  readonly kubernetesVersion: string;
  /** Component → image reference, of running containers: `longhorn-manager`, `instance-manager`. */
  readonly images: Readonly<Record<string, string>>;
  readonly nodes: readonly string[];
}

export async function readEnvironment(client: KubeClient, longhornNamespace: string): Promise<Environment> {
  const [kubernetesVersion, images, nodeList] = await Promise.all([
    client.serverVersion(),
    runningImages(client, longhornNamespace),
    client.list(nodes),
  ]);
  return { kubernetesVersion, images, nodes: nodeList.items.map((node) => node.metadata.name).sort() };
}

/**
 * Images of the running managers and V2 instance managers. While several releases run side by side there is one entry
 * for each, so that nobody takes the one for the other.
 */
async function runningImages(client: KubeClient, namespace: string): Promise<Record<string, string>> {
  const { items } = await client.list(pods, { namespace });
  const managers = imagesOf(items, 'longhorn-manager', () => true);
  const instanceManagers = imagesOf(
    items,
    'instance-manager',
    (pod) => pod.metadata.labels?.['longhorn.io/data-engine'] === 'v2',
  );
  return {
    ...named('longhorn-manager', managers.length > 0 ? managers : await declaredManagerImages(client, namespace)),
    ...named('instance-manager', instanceManagers),
  };
}

function imagesOf(items: readonly Pod[], container: string, accept: (pod: Pod) => boolean): string[] {
  const images = items
    .filter((pod) => accept(pod) && pod.metadata.deletionTimestamp === undefined)
    .flatMap((pod) => pod.spec.containers.filter(({ name }) => name === container))
    .flatMap(({ image }) => (image === undefined ? [] : [image]));
  return [...new Set(images)].sort();
}

async function declaredManagerImages(client: KubeClient, namespace: string): Promise<string[]> {
  const daemonSet = await client.find(daemonSets, { namespace, name: 'longhorn-manager' });
  const container = daemonSet?.spec.template.spec.containers.find(({ name }) => name === 'longhorn-manager');
  return container?.image === undefined ? [] : [container.image];
}

function named(component: string, images: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    images.map((image, index) => [index === 0 ? component : `${component} (${String(index + 1)})`, image]),
  );
}
