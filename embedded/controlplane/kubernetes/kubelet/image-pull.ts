import { imageReference, type Image } from '../../../runtime/image-catalog.ts';
import type { Container, ContainerState, Pod } from '../objects/pod.ts';
import { podEvent, type KubeletServices } from './services.ts';

/** Cluster seconds before pull n (from 1) is tried again: 10 s doubling to 300 s, as kubelet's. */
export function backoffSeconds(count: number): number {
  return Math.min(300, 10 * 2 ** Math.min(count - 1, 10));
}

export interface ImagePull {
  services: KubeletServices;
  pod: Pod;
  container: Container;
  waiting: (state: NonNullable<ContainerState['waiting']>) => void;
  signal: AbortSignal;
}

/** Every known image is there already; with pull policy Always the registry is asked nevertheless. */
function reportPulled({ services, pod, container }: ImagePull): void {
  const quoted = `"${container.image}"`;
  const always = container.imagePullPolicy === 'Always';
  const message = always
    ? `Successfully pulled image ${quoted} in 1ms (1ms including waiting). Image size: 0 bytes.`
    : `Container image ${quoted} already present on machine and can be accessed by the pod`;
  if (always) {
    podEvent(services, pod, { type: 'Normal', reason: 'Pulling', message: `Pulling image ${quoted}`, container });
  }
  podEvent(services, pod, { type: 'Normal', reason: 'Pulled', message, container });
}

/**
 * Returns the image once the catalogue knows it, and until then reports what kubelet and containerd report of an image
 * that does not exist. Rejects when aborted.
 */
export async function pullImage(pull: ImagePull): Promise<Image> {
  const { services, pod, container, waiting, signal } = pull;
  const quoted = `"${container.image}"`;
  const reference = imageReference(container.image);
  for (let attempt = 1; ; attempt += 1) {
    const image = services.images.find(container.image);
    if (image !== undefined) {
      reportPulled(pull);
      return image;
    }
    const cause =
      `rpc error: code = NotFound desc = failed to pull and unpack image "${reference}": failed to resolve reference ` +
      `"${reference}": ${reference}: not found (the embedded cluster pulls nothing; it runs ${services.images.patterns().join(', ')})`;
    podEvent(services, pod, { type: 'Normal', reason: 'Pulling', message: `Pulling image ${quoted}`, container });
    podEvent(services, pod, {
      type: 'Warning',
      reason: 'Failed',
      message: `Failed to pull image ${quoted}: ${cause}`,
      container,
    });
    podEvent(services, pod, { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull', container });
    waiting({ reason: 'ErrImagePull', message: cause });
    const seconds = backoffSeconds(attempt);
    await services.context.clock.sleep(Math.min(1, seconds), signal);
    podEvent(services, pod, {
      type: 'Normal',
      reason: 'BackOff',
      message: `Back-off pulling image ${quoted}`,
      container,
    });
    podEvent(services, pod, { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff', container });
    waiting({ reason: 'ImagePullBackOff', message: `Back-off pulling image ${quoted}: ErrImagePull: ${cause}` });
    await services.context.clock.sleep(seconds, signal);
  }
}
