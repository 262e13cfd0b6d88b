/** Webhooks of what belongs to a volume (longhorn-manager:webhook/resources@v1.8.0..v1.12.1). */
import { expect, test } from '@playwright/test';
import type { AttachmentTicket } from '../../../embedded/controlplane/longhorn/model/volume.ts';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import { healthyVolume, volumeBody } from './bench-objects.ts';
import { withBench } from './longhorn-bench.ts';
import { denied, refusal } from './refusal.ts';

test('the last good replica is protected, in the words of the release', async () => {
  for (const [version, words] of [
    ['1.9.1', 'cannot delete replica $r because volume vol1 only has one available replica'],
    [
      '1.11.3',
      'no other healthy replica available for volume vol1, cannot delete replica $r since it may still contain data for recovery',
    ],
  ] as [LonghornVersion, string][]) {
    await withBench({ version }, async (bench) => {
      await healthyVolume(bench, 'vol1');
      const [first = '', second = ''] = bench.list('replicas').map((replica) => replica.metadata.name);
      bench.remove('replicas', first);
      const error = refusal(() => {
        bench.remove('replicas', second);
      });
      expect(error.message).toBe(denied(words.replace('$r', second)));
    });
  }
});

test('before the first healthy any replica may be deleted', async () => {
  await withBench({}, async (bench) => {
    bench.create('Volume', 'volumes', 'vol1', volumeBody({}));
    await bench.until('replicas exist', () => bench.list('replicas').length === 2);
    bench.remove('replicas', bench.list('replicas')[0]?.metadata.name ?? '');
    expect(bench.list('replicas').filter((replica) => replica.metadata.deletionTimestamp === undefined)).toHaveLength(
      1,
    );
  });
});

test('engines and replicas are refused without a volume or beyond one', async () => {
  await withBench({}, async (bench) => {
    const stray = refusal(() =>
      bench.create('Engine', 'engines', 'x-e-0', { spec: { volumeName: 'x', dataEngine: 'v2' } }),
    );
    expect(stray.message).toBe(denied('volume does not exist for engine'));
    await healthyVolume(bench, 'vol1');
    const second = refusal(() =>
      bench.create('Engine', 'engines', 'vol1-e-1', { spec: { volumeName: 'vol1', dataEngine: 'v2' } }),
    );
    expect(second.message).toBe(denied('engine creation would result in 2 engines for non-migratable volume'));
  });
});

test('attachment tickets must be consistent and name a node', async () => {
  await withBench({}, async (bench) => {
    await healthyVolume(bench, 'vol1');
    const put = (key: string, ticket: Record<string, unknown>): string =>
      refusal(() => {
        bench.change('volumeattachments', 'vol1', (draft) => {
          draft.spec.attachmentTickets[key] = ticket as unknown as AttachmentTicket;
        });
      }).message;
    expect(put('a', { id: 'b', type: 'longhorn-api', nodeID: 'node1' })).toBe(
      denied('the attachmentTickets map contains inconsistent attachment ticket ID: a vs b'),
    );
    const moved = refusal(() => {
      bench.change('volumeattachments', 'vol1', (draft) => {
        draft.spec.volume = 'other';
      });
    });
    expect(moved.message).toBe(denied('spec.volume field is immutable'));
  });
});

test('a snapshot needs a volume and keeps it', async () => {
  await withBench({}, (bench) => {
    const error = refusal(() =>
      bench.create('Snapshot', 'snapshots', 'snap', { spec: { volume: 'none', createSnapshot: true } }),
    );
    const message = 'failed to get volume none: volume.longhorn.io "none" not found';
    expect(error.message).toBe(denied(message, 'mutator'));
    expect(error.details?.causes).toEqual([{ reason: 'FieldValueInvalid', message, field: 'spec.Volume' }]);
  });
});
