/**
 * longhorn-manager's HTTP API, for what has no object: a revert. It is reached through the API server's proxy, so that the
 * kubeconfig stays the only way into a cluster. Attaching and detaching go the same way, as in longhorn-tests.
 * longhorn-manager:api/router.go, api/model.go, the same from v1.8.0 to v1.12.1
 */
import type { ServiceRef } from '../kubernetes/api-calls.ts';
import type { KubeClient } from '../kubernetes/client.ts';
import type { Subject } from './subject.ts';

/** The ticket that these attachments go by; asking twice is asking once. */
const attachmentId = 'v2-verifier';

/** The Service in front of longhorn-manager. longhorn:deploy/longhorn.yaml, `longhorn-backend` */
export function backendService(longhornNamespace: string): ServiceRef {
  return { namespace: longhornNamespace, name: 'longhorn-backend', port: 9500 };
}

/**
 * Asks for an attachment that gives the node no device: only so a volume can be reverted. Answers at once; the volume
 * follows when nothing else holds it.
 */
export async function requestBareAttachment(client: KubeClient, subject: Subject, node: string): Promise<void> {
  await act(client, subject, 'attach', {
    hostId: node,
    disableFrontend: true,
    attachedBy: '',
    attacherType: 'longhorn-api',
    attachmentID: attachmentId,
  });
}

/** Gives the attachment up again; answers at once. */
export async function endBareAttachment(client: KubeClient, subject: Subject): Promise<void> {
  await act(client, subject, 'detach', { attachmentID: attachmentId, hostId: '', forceDetach: false });
}

/**
 * Throws the head away and makes a new one from the snapshot, on every replica. Whatever was not in a snapshot is lost.
 * @throws ApiError while the volume has a frontend, and for a snapshot that it does not have
 */
export async function revertToSnapshot(client: KubeClient, subject: Subject, snapshot: string): Promise<void> {
  await act(client, subject, 'snapshotRevert', { name: snapshot });
}

async function act(client: KubeClient, subject: Subject, action: string, body: unknown): Promise<void> {
  const path = `/v1/volumes/${encodeURIComponent(subject.name)}`;
  await client.throughService(backendService(subject.namespace), { method: 'POST', path, query: { action }, body });
}
