/** The backing image: created, and waited for until its V2 copies are ready. longhorn-facts §4.1 */
import type { KubeClient, NewObject } from '../kubernetes/client.ts';
import type { Owned } from '../kubernetes/ownership.ts';
import { met, pending, waitFor, type Progress } from '../kubernetes/wait.ts';
import { backingImages, replicas, type BackingImage } from './kinds.ts';
import { sortedPairs, summarizeBackingImage } from './summaries.ts';

/**
 * A longer name is cut and ends in a checksum. longhorn-manager:datastore/longhorn.go NameMaximumLength,
 * webhook/resources/backingimage/mutator.go@v1.8.0
 */
export const longestImageName = 40;

export interface BackingImageRequest {
  readonly name: string;
  readonly longhornNamespace: string;
  readonly url: string;
  /** SHA-512 of the raw content: a qcow2 file is converted before it is compared. */
  readonly rawSha512: string;
  readonly copies: number;
}

/** The name must consist of letters, digits and dashes: the V2 engine finds it in lvol names by that. */
export function backingImageManifest(request: BackingImageRequest): NewObject {
  return {
    metadata: { name: request.name, namespace: request.longhornNamespace },
    spec: {
      dataEngine: 'v2',
      sourceType: 'download',
      sourceParameters: { url: request.url },
      checksum: request.rawSha512,
      minNumberOfCopies: request.copies,
    },
  };
}

/**
 * Ready for V2, as opposed to the V1 file that is downloaded first: the first V2 copy is ready, so are all others, there
 * are enough of them, the V1 file is gone, and the checksum is known.
 */
export function readyForV2(image: BackingImage): Progress<BackingImage> {
  const copies = Object.values(image.status?.diskFileStatusMap ?? {});
  const v2 = copies.filter(({ dataEngine }) => dataEngine === 'v2');
  const wanted = image.spec.minNumberOfCopies ?? 1;
  const ready =
    image.status?.v2FirstCopyStatus === 'ready' &&
    v2.length >= wanted &&
    v2.every(({ state }) => state === 'ready') &&
    v2.length === copies.length &&
    (image.status.checksum ?? '') !== '';
  if (ready) return met(image);
  const states = sortedPairs(summarizeBackingImage(image));
  return pending(`${states === '' ? 'no copy yet' : states}; ${String(v2.length)} of ${String(wanted)} V2 copies`);
}

/** A checksum that cannot become right any more. Other failed copies are retried by Longhorn. */
function hopeless(image: BackingImage): string | undefined {
  const bad = Object.entries(image.status?.diskFileStatusMap ?? {}).find(
    ([, { state, message }]) => /^failed/.test(state ?? '') && /checksum/i.test(message ?? ''),
  );
  return bad === undefined ? undefined : `copy on disk ${bad[0]} failed: ${bad[1].message ?? ''}`;
}

export async function waitUntilReadyForV2(
  client: KubeClient,
  image: Owned<BackingImage>,
  options: { timeoutMs: number },
): Promise<BackingImage> {
  return waitFor(client, {
    what: `${image.toString()} ready on its V2 disks`,
    expected: 'v2FirstCopyStatus ready, enough V2 copies and all of them ready, no V1 file left, a checksum',
    sources: { images: { kind: backingImages, ...image.ref, summarize: summarizeBackingImage } },
    until: ({ images: [found] }) => (found === undefined ? pending('absent') : readyForV2(found)),
    forbidden: ({ images: [found] }) => (found === undefined ? undefined : hopeless(found)),
    confirm: 'reread',
    ...options,
  });
}

/**
 * Deletes the image and waits until it is gone. Longhorn refuses while any replica uses it, also a terminating one, so
 * that is waited for first.
 */
export async function deleteBackingImage(
  client: KubeClient,
  image: Owned<BackingImage>,
  options: { timeoutMs: number },
): Promise<void> {
  const namespace = image.ref.namespace;
  await waitFor(client, {
    what: `replicas that use ${image.toString()} to be gone`,
    expected: 'no Replica carries its label',
    sources: { users: { kind: replicas, namespace, labelSelector: `longhorn.io/backing-image=${image.ref.name}` } },
    until: ({ users }) => (users.length === 0 ? met(undefined) : pending(users.map((r) => r.metadata.name).join(' '))),
    ...options,
  });
  if ((await client.delete(image)) === 'absent') return;
  await waitFor(client, {
    what: `${image.toString()} to be gone`,
    expected: 'Longhorn deletes every copy, then the object',
    sources: { images: { kind: backingImages, ...image.ref, summarize: summarizeBackingImage } },
    until: ({ images: [found] }) =>
      found === undefined || found.metadata.uid !== image.uid ? met(undefined) : readyStates(found),
    ...options,
  });
}

function readyStates(image: BackingImage): Progress<never> {
  return pending(`terminating, ${sortedPairs(summarizeBackingImage(image))}`);
}
