import type { RunOptions } from '../../fixtures/run-options.ts';

const timeoutMs = 15_000;

/** Ends the lock of a run that held it over several stories. A cluster that does not answer keeps it until it lapses. */
export async function releaseCluster(options: RunOptions): Promise<void> {
  const { kubeconfigPath, context, lockSpan } = options;
  if (lockSpan === 'story') return;
  // The Kubernetes client takes a second to load; a run of one story is spared it.
  const [{ connect }, { endRun }] = await Promise.all([
    import('../../helpers/kubernetes/client.ts'),
    import('../../helpers/longhorn/lock/run-lock.ts'),
  ]);
  try {
    await endRun(connect({ kubeconfigPath, context, signal: AbortSignal.timeout(timeoutMs) }), options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.error(`the lock on the cluster could not be released and lapses a minute after its last renewal: ${why}`);
  }
}
