/**
 * The cluster that the contract is held against: the one of `VERIFIER_KUBECONFIG` and `VERIFIER_CONTEXT`, else an
 * embedded one, started as a process of its own and known by its kubeconfig like any other.
 */
import { randomBytes } from 'node:crypto';
import { test as base, type TestDetails } from '@playwright/test';
import { connect, type KubeClient, type NewObject } from '../../helpers/kubernetes/client.ts';
import { namespaces } from '../../helpers/kubernetes/core-kinds.ts';
import { contextsOf } from '../../helpers/kubernetes/kubeconfig.ts';
import { waitUntilPodsAreAdmitted } from '../../helpers/kubernetes/new-namespace.ts';
import type { Owned } from '../../helpers/kubernetes/ownership.ts';
import type { KubeObject, ResourceKind } from '../../helpers/kubernetes/resource.ts';
import { UndoStack } from '../../helpers/kubernetes/undo.ts';
import { sweep } from '../../helpers/longhorn/sweep.ts';
import { startEmbeddedProcess } from '../../scripts/verify/embedded-process.ts';

export { expect } from '@playwright/test';

export interface Target {
  readonly kubeconfigPath: string;
  readonly context: string;
  readonly longhornNamespace: string;
  readonly podImage: string;
  /** What a pod's spec names to pull it with. */
  readonly imagePullSecrets: readonly { readonly name: string }[];
}

interface WorkerFixtures {
  readonly target: Target;
  /** Labels everything that this worker makes. */
  readonly runId: string;
  /**
   * A namespace that is gone afterwards, with all that carries the run's label; the one of `VERIFIER_NAMESPACE` stays,
   * and loses only the latter.
   */
  readonly workspace: string;
}

interface TestFixtures {
  readonly client: KubeClient;
  /** Creates an object of this run; it is deleted when the worker ends. */
  readonly create: <T extends KubeObject>(kind: ResourceKind<T>, manifest: NewObject) => Promise<Owned<T>>;
  readonly undo: UndoStack;
}

/** Where a promise is made: `repository:path@tag`, or a page. `doctor --contract` shows it beside the promise. */
export function from(...sources: readonly string[]): TestDetails {
  return { annotation: sources.map((description) => ({ type: 'source', description })) };
}

const fixtureTimeoutMs = 300_000;

export const test = base.extend<TestFixtures, WorkerFixtures>({
  target: [
    async ({}, use) => {
      const longhornNamespace = process.env['VERIFIER_LONGHORN_NAMESPACE'] ?? 'longhorn-system';
      const podImage = process.env['VERIFIER_PROBE_IMAGE'] ?? 'node:20-bookworm-slim';
      const secrets = process.env['VERIFIER_PULL_SECRETS']?.split(',') ?? [];
      const common = { longhornNamespace, podImage, imagePullSecrets: secrets.map((name) => ({ name })) };
      const kubeconfigPath = process.env['VERIFIER_KUBECONFIG'];
      if (kubeconfigPath !== undefined) {
        const context = process.env['VERIFIER_CONTEXT'] ?? contextsOf(kubeconfigPath)[0] ?? '';
        await use({ kubeconfigPath, context, ...common });
        return;
      }
      const embedded = await startEmbeddedProcess({ flags: ['--seed', 'contract'], outlive: false });
      try {
        await use({ kubeconfigPath: embedded.kubeconfig, context: embedded.context, ...common });
      } finally {
        await embedded.stop();
      }
    },
    { scope: 'worker', timeout: fixtureTimeoutMs },
  ],
  runId: [
    async ({}, use) => {
      await use(`contract-${randomBytes(4).toString('hex')}`);
    },
    { scope: 'worker' },
  ],
  workspace: [
    async ({ target, runId }, use) => {
      const abort = new AbortController();
      const client = connect({ ...target, signal: abort.signal });
      const given = process.env['VERIFIER_NAMESPACE'];
      const name = given ?? `v2-verifier-${runId}`;
      if (given === undefined) {
        await client.createOwned(namespaces, runId, { metadata: { name } });
        await waitUntilPodsAreAdmitted(client, name);
      }
      // Nothing of a test's failure reaches here: what follows `use` runs in any case.
      await use(name);
      const { longhornNamespace } = target;
      const options = {
        client,
        runId,
        longhornNamespace,
        mode: 'sweep',
        timeoutMs: 120_000,
        onLine: () => undefined,
      } as const;
      const failures = await sweep(options);
      abort.abort(new Error('the worker ends'));
      if (failures.length > 0) throw new Error(`not swept: ${JSON.stringify(failures)}`);
    },
    { scope: 'worker', timeout: fixtureTimeoutMs },
  ],
  client: async ({ target }, use) => {
    const abort = new AbortController();
    await use(connect({ ...target, signal: abort.signal }));
    abort.abort(new Error('the test has ended'));
  },
  create: async ({ client, runId }, use) => {
    await use((kind, manifest) => client.createOwned(kind, runId, manifest));
  },
  undo: async ({}, use) => {
    const failures: string[] = [];
    const undo = new UndoStack(({ what, outcome, detail }) => {
      if (outcome === 'failed') failures.push(`${what}: ${detail ?? ''}`);
    });
    await use(undo);
    await undo.undoAll({ timeoutMs: 60_000, keep: 'nothing' });
    if (failures.length > 0) throw new Error(`not undone: ${failures.join('; ')}`);
  },
});
