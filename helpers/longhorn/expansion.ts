/** Making the volume under test larger, the way its users do: its claim asks for more. */
import type { KubeClient } from '../kubernetes/client.ts';
import { persistentVolumeClaims, type PersistentVolumeClaim } from '../kubernetes/core-kinds.ts';
import type { Owned } from '../kubernetes/ownership.ts';
import { met, pending, waitFor, type Progress } from '../kubernetes/wait.ts';
import type { Premise } from './premise.ts';
import { activeEngine, sourcesOf, type Subject, type SubjectView } from './subject.ts';
import { parseRelease } from './version.ts';
import { describe, faulted } from './volume-states.ts';

/**
 * V2 volumes grow since 1.10.0: until 1.9.2 the webhook refuses it, and the engine cannot
 * (longhorn-manager:webhook/resources/volume/validator.go@v1.9.2, v1.10.0).
 */
export function expansionPremise(longhornVersion: string): Premise {
  const name = 'Longhorn expands V2 volumes';
  const release = parseRelease(longhornVersion);
  if (release === undefined)
    return { name, state: 'unmet', detail: `no release is known by the name ${longhornVersion}` };
  const since = release.major > 1 || (release.major === 1 && release.minor >= 10);
  const detail = since ? `this is ${longhornVersion}` : `it does since 1.10.0; this is ${longhornVersion}`;
  return { name, state: since ? 'met' : 'unmet', detail };
}

/**
 * Has the claim ask for that size, a multiple of 2 MiB, and waits until the engine serves it. Changing the Volume itself
 * is refused while its claim asks for less, so this is the only way.
 */
export async function expandVolume(
  client: KubeClient,
  claim: Owned<PersistentVolumeClaim>,
  subject: Subject,
  options: { sizeBytes: number; timeoutMs: number },
): Promise<void> {
  const { sizeBytes, timeoutMs } = options;
  const storage = String(sizeBytes);
  // A uid does not change: the patch of a namesake is refused (apiserver:pkg/registry/rest/update.go).
  const metadata = { uid: claim.uid };
  await client.patch(persistentVolumeClaims, claim.ref, {
    merge: { metadata, spec: { resources: { requests: { storage } } } },
  });
  await waitFor(client, {
    what: `volume ${subject.name} expanded to ${storage} bytes`,
    expected: 'size of the Volume and current size of its engine are that, and no expansion is required any more',
    sources: sourcesOf(subject),
    until: (view) => expanded(view, storage),
    forbidden: faulted,
    confirm: 'reread',
    timeoutMs,
  });
}

/** Exported for its tests. */
export function expanded(view: SubjectView, size: string): Progress<undefined> {
  const [volume] = view.volumes;
  const status = activeEngine(view)?.status;
  const grown = volume?.spec.size === size && status?.currentSize === size;
  if (grown && volume.status?.expansionRequired !== true && status.isExpanding !== true) return met(undefined);
  const error = status?.lastExpansionError ?? '';
  const sizes = `size ${volume?.spec.size ?? '-'}, the engine's ${status?.currentSize ?? '-'}`;
  return pending(`${sizes}${error === '' ? '' : `, last error: ${error}`}; ${describe(view)}`);
}
