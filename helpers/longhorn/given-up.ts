import { Belonging } from '../kubernetes/belonging.ts';
import type { KubeClient } from '../kubernetes/client.ts';
import { waitFor } from '../kubernetes/wait.ts';
import { replicas } from './kinds.ts';
import { sourcesOf, type Subject } from './subject.ts';
import { faulted, givenUp, servedByAll } from './volume-states.ts';

/**
 * Waits until the volume is served by as many replicas as it asks for, and deletes those that failed and are kept beside
 * them: up to 1.8.2 a V2 replica that fails is never used again, and stays with all its lvols. Answers with their names.
 */
export async function deleteGivenUp(
  client: KubeClient,
  subject: Subject,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<readonly string[]> {
  const view = await waitFor(client, {
    what: `volume ${subject.name} served by all its replicas again`,
    expected: 'as many replicas as it asks for RW with healthyAt, robustness healthy; failed ones may be there as well',
    sources: sourcesOf(subject),
    until: servedByAll,
    forbidden: faulted,
    confirm: 'reread',
    ...options,
  });
  const failed = givenUp(view);
  for (const replica of failed) {
    await client.delete(await client.adopt(subject.volume, Belonging.byOwnerReference, replicas, replica));
  }
  return failed.map(({ metadata }) => metadata.name);
}
