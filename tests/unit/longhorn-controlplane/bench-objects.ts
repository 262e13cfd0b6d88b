import type { BackingImage } from '../../../embedded/controlplane/longhorn/model/backing-image.ts';
import type { Volume } from '../../../embedded/controlplane/longhorn/model/volume.ts';
import type { WithStatus } from './bench-kinds.ts';
import type { Bench } from './longhorn-bench.ts';

/** A ready V2 backing image of the bench's image bytes. */
export async function readyImage(bench: Bench, name: string, copies = 2): Promise<WithStatus<BackingImage>> {
  bench.create('BackingImage', 'backingimages', name, {
    spec: {
      sourceType: 'download',
      sourceParameters: { url: 'http://images.default/image' },
      dataEngine: 'v2',
      minNumberOfCopies: copies,
    },
  });
  await bench.until(`backing image ${name} ready`, () => {
    const status = bench.object('backingimages', name)?.status;
    const entries = Object.values(status?.diskFileStatusMap ?? {});
    const allReady = entries.every((entry) => entry.dataEngine === 'v2' && entry.state === 'ready');
    return status?.v2FirstCopyStatus === 'ready' && entries.length >= copies && allReady;
  });
  return bench.expectObject('backingimages', name);
}

/** A V2 volume attached on node1 by a `longhorn-api` ticket, healthy. */
export async function healthyVolume(
  bench: Bench,
  name: string,
  spec: Record<string, unknown> = {},
): Promise<WithStatus<Volume>> {
  bench.create('Volume', 'volumes', name, {
    spec: { size: String(64 * 2 ** 20), numberOfReplicas: 2, dataEngine: 'v2', frontend: 'blockdev', ...spec },
  });
  await bench.until(`volume ${name} detached`, () => bench.object('volumes', name)?.status?.state === 'detached');
  bench.change('volumeattachments', name, (draft) => {
    const ticket = { id: 'by-test', type: 'longhorn-api', nodeID: 'node1', parameters: {}, generation: 0 };
    draft.spec.attachmentTickets['by-test'] = ticket;
  });
  await bench.until(`volume ${name} healthy`, () => {
    const { robustness, state } = bench.object('volumes', name)?.status ?? {};
    return robustness === 'healthy' && state === 'attached';
  });
  return bench.expectObject('volumes', name);
}

/** A small V2 volume, as a test asks for it. */
export function volumeBody(spec: Record<string, unknown>): Record<string, unknown> {
  return { spec: { size: '33554432', numberOfReplicas: 2, dataEngine: 'v2', frontend: 'blockdev', ...spec } };
}
