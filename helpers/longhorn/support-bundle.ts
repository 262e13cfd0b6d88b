/**
 * Longhorn's own support bundle: objects, logs and what its agents find on the nodes, collected by Longhorn itself.
 * longhorn-manager:controller/support_bundle_controller.go, api/supportbundle.go@v1.8.0..v1.11.3
 */
import { open, rm } from 'node:fs/promises';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { KubeClient } from '../kubernetes/client.ts';
import { pods } from '../kubernetes/core-kinds.ts';
import { pullFailure } from '../kubernetes/image-pull.ts';
import type { Owned } from '../kubernetes/ownership.ts';
import { met, pending, waitFor } from '../kubernetes/wait.ts';
import { supportBundles, type SupportBundle } from './kinds.ts';
import { backendService } from './manager-api.ts';
import { waitUntilGone } from './sweep.ts';

export interface SupportBundleRequest {
  readonly client: KubeClient;
  readonly longhornNamespace: string;
  readonly runId: string;
  /** Of the object; a label's value, and the end of a deployment's name. */
  readonly name: string;
  /** Shown beside it in Longhorn. */
  readonly description: string;
  /** Where the archive goes; nothing is there unless the outcome is `saved`. */
  readonly file: string;
  readonly limitBytes: number;
  /** For Longhorn to collect it, and as much again to download it. */
  readonly timeoutMs: number;
}

export type SupportBundleOutcome =
  | { readonly kind: 'saved'; readonly sizeBytes: number }
  /** It has so many bytes, or more: what Longhorn said, or what came until then. */
  | { readonly kind: 'over limit'; readonly sizeBytes: number }
  /** Not an error of the run: there is less to look at. */
  | { readonly kind: 'not taken'; readonly why: string };

class OverLimit extends Error {
  readonly sizeBytes: number;

  constructor(sizeBytes: number) {
    super(`it has ${String(sizeBytes)} bytes or more, which is over the limit`);
    this.sizeBytes = sizeBytes;
  }
}

const goneMs = 60_000;
/** Longhorn keeps one bundle that is ready, and a new one would replace it. */
const nobodyWaitsFor = ['Error', 'Replaced', 'Purging', 'Deleting'];

/**
 * Has Longhorn collect a bundle, saves it, and removes it from the cluster. One of somebody else's stays: none is taken
 * then. What is over the limit is not fetched.
 * @throws the client's abort reason; what Longhorn or the API refuse is an outcome
 */
export async function takeSupportBundle(request: SupportBundleRequest): Promise<SupportBundleOutcome> {
  const { client, longhornNamespace: namespace, runId, name, description } = request;
  const made: { owned?: Owned<SupportBundle> } = {};
  try {
    const { items } = await client.list(supportBundles, { namespace });
    const other = items.find(({ status }) => !nobodyWaitsFor.includes(status?.state ?? ''));
    if (other !== undefined) {
      return notTaken(`${other.metadata.name} of somebody else is there, ${other.status?.state ?? 'just begun'}`);
    }
    const spec = { description, issueURL: '' };
    made.owned = await client.createOwned(supportBundles, runId, { metadata: { name, namespace }, spec });
    return await fetchBundle(request, await waitUntilReady(request, made.owned));
  } catch (error) {
    if (client.signal.aborted) throw error;
    if (error instanceof OverLimit) return { kind: 'over limit', sizeBytes: error.sizeBytes };
    return notTaken(error instanceof Error ? error.message : String(error));
  } finally {
    if (made.owned !== undefined) await remove(client, made.owned);
  }
}

function notTaken(why: string): SupportBundleOutcome {
  return { kind: 'not taken', why };
}

/** Longhorn removes what was downloaded; what was not is removed here. */
async function remove(client: KubeClient, owned: Owned<SupportBundle>): Promise<void> {
  const finishing = client.with({ signal: AbortSignal.timeout(goneMs), hooks: {} });
  if ((await finishing.delete(owned)) === 'accepted') await waitUntilGone(finishing, owned, goneMs);
}

async function waitUntilReady(request: SupportBundleRequest, owned: Owned<SupportBundle>): Promise<SupportBundle> {
  const labelSelector = `rancher/supportbundle=${owned.ref.name}`;
  return waitFor(request.client, {
    what: `${owned.toString()} ready for download`,
    expected: 'state ReadyForDownload',
    sources: {
      bundles: { kind: supportBundles, ...owned.ref },
      managers: { kind: pods, namespace: request.longhornNamespace, labelSelector },
    },
    until: ({ bundles: [bundle] }) => {
      const { state = '', progress = 0 } = bundle?.status ?? {};
      return bundle !== undefined && state === 'ReadyForDownload'
        ? met(bundle)
        : pending(`${state === '' ? 'no state' : state}, ${String(progress)} %`);
    },
    forbidden: ({ bundles: [bundle], managers: [manager] }) => {
      const notPulled = pullFailure(manager);
      // Behind a registry of one's own it is the one image that nothing has needed before.
      if (notPulled !== undefined)
        return `the image of setting support-bundle-manager-image does not come: ${notPulled}`;
      if (bundle?.status?.state !== 'Error') return undefined;
      const error = bundle.status.conditions?.find(({ type }) => type === 'Error');
      return `Longhorn could not collect it: ${error?.message ?? 'without a word'}`;
    },
    timeoutMs: request.timeoutMs,
  });
}

async function fetchBundle(request: SupportBundleRequest, bundle: SupportBundle): Promise<SupportBundleOutcome> {
  const { client, longhornNamespace, limitBytes } = request;
  const { ownerID = '', filesize = 0 } = bundle.status ?? {};
  if (filesize > limitBytes) return { kind: 'over limit', sizeBytes: filesize };
  // Its manager node, then its name. longhorn-manager:api/router.go@v1.11.3
  const path = `/v1/supportbundles/${encodeURIComponent(ownerID)}/${encodeURIComponent(bundle.metadata.name)}/download`;
  const answer = await client.openService(backendService(longhornNamespace), path);
  await saveArchive(answer, { ...request, sizeBytes: filesize, signal: client.signal });
  return { kind: 'saved', sizeBytes: filesize };
}

/**
 * Writes an archive of that size. Leaves no file when it rejects: on an abort, and when the archive is cut, over the limit
 * or late. Exported for its tests.
 */
export async function saveArchive(
  answer: Readable,
  options: { file: string; sizeBytes: number; limitBytes: number; timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const { file, sizeBytes, limitBytes, timeoutMs, signal } = options;
  let came = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      came += chunk.length;
      if (came > limitBytes) done(new OverLimit(came));
      else done(null, chunk);
    },
  });
  const share = (): string => `${String(came)} of ${String(sizeBytes)} bytes`;
  // Open before anything can end it: an open that comes later would leave a file behind.
  const target = (await open(file, 'w')).createWriteStream();
  const late = AbortSignal.timeout(timeoutMs);
  try {
    await pipeline(answer, count, target, { signal: AbortSignal.any([signal, late]) });
    if (came !== sizeBytes) throw new Error(`it was cut after ${share()}`);
  } catch (error) {
    await rm(file, { force: true });
    if (!late.aborted || signal.aborted) throw error;
    const seconds = String(Math.round(timeoutMs / 1000));
    throw new Error(`only ${share()} came within ${seconds} s`, { cause: error });
  }
}
