import type { Pod } from './core-kinds.ts';

/** Reasons of the kubelet from which waiting does not help. kubernetes:pkg/kubelet/images/types.go */
const pullFailures = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'];

/** Why the image of the pod's first container does not come, in the kubelet's words; undefined while it may. */
export function pullFailure(pod: Pod | undefined): string | undefined {
  const { reason = '', message = '' } = pod?.status?.containerStatuses?.[0]?.state?.waiting ?? {};
  return pullFailures.includes(reason) ? `${reason}: ${message}` : undefined;
}
