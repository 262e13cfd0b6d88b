import type { KubeClient } from './client.ts';
import { serviceAccounts } from './core-kinds.ts';
import { met, pending, waitFor } from './wait.ts';

const timeoutMs = 60_000;

/**
 * Waits until pods can be created in a namespace that was just made: without its `default` service account, which a
 * controller makes a moment later, they are refused with 403 (kubernetes:plugin/pkg/admission/serviceaccount/admission.go,
 * kubernetes:pkg/controller/serviceaccount/serviceaccounts_controller.go).
 * @throws WaitTimeout after a minute
 */
export async function waitUntilPodsAreAdmitted(client: KubeClient, namespace: string): Promise<void> {
  await waitFor(client, {
    what: `service account ${namespace}/default`,
    expected: 'there: without it no pod is admitted; kube-controller-manager makes it',
    sources: { accounts: { kind: serviceAccounts, namespace, name: 'default' } },
    until: ({ accounts }) => (accounts.length > 0 ? met(undefined) : pending('not there')),
    timeoutMs,
  });
}
