/** Webhooks of backing images and volumes by release (longhorn-manager:webhook/resources@v1.8.0..v1.12.1). */
import { expect, test } from '@playwright/test';
import type { DiskSpec } from '../../../embedded/controlplane/longhorn/model/node.ts';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import { healthyVolume, readyImage, volumeBody } from './bench-objects.ts';
import { withBench } from './longhorn-bench.ts';
import { denied, refusal } from './refusal.ts';

function imageBody(spec: Record<string, unknown>): Record<string, unknown> {
  return { spec: { sourceType: 'download', sourceParameters: { url: 'http://example.com/a.raw' }, ...spec } };
}

test('a refusal has the shape that the API server passes on', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    const error = refusal(() =>
      bench.create('BackingImage', 'backingimages', 'nourl', imageBody({ sourceParameters: {} })),
    );
    expect({ code: error.code, reason: error.reason, message: error.message, details: error.details }).toEqual({
      code: 422,
      reason: 'Invalid',
      message: denied('download URL is not provided'),
      details: {
        causes: [
          { reason: 'FieldValueInvalid', message: 'download URL is not provided', field: 'spec.sourceParameters[url]' },
        ],
      },
    });
  });
});

test('from 1.12 a V2 backing image is refused, before it is not', async () => {
  for (const [version, refused] of [
    ['1.11.3', false],
    ['1.12.0', true],
    ['1.12.1', true],
  ] as [LonghornVersion, boolean][]) {
    await withBench({ version }, (bench) => {
      const create = (): unknown =>
        bench.create('BackingImage', 'backingimages', 'img', imageBody({ dataEngine: 'v2' }));
      if (refused) expect(refusal(create).message).toBe(denied('v2 backing image is not supported'));
      else
        expect(create()).toMatchObject({ spec: { dataEngine: 'v2', checksum: '', disks: {}, minNumberOfCopies: 3 } });
    });
  }
});

test('a backing image needs a sha512 checksum, a URL, and in 1.12.1 not one on loopback', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    const refuse = (spec: Record<string, unknown>): string =>
      refusal(() => bench.create('BackingImage', 'backingimages', 'img', imageBody(spec))).message;
    expect(refuse({ checksum: 'zz' })).toBe(denied('invalid checksum zz'));
    expect(refuse({ sourceParameters: { url: 'http://127.0.0.1/a.raw' } })).toBe(
      denied('download URL must not target a loopback address'),
    );
  });
  await withBench({ version: '1.9.1' }, (bench) => {
    const error = refusal(() =>
      bench.create('BackingImage', 'backingimages', 'img', imageBody({ sourceParameters: {} })),
    );
    expect(error.message).toBe(denied('invalid parameter map[] for source type download'));
    const loopback = bench.create(
      'BackingImage',
      'backingimages',
      'img',
      imageBody({ sourceParameters: { url: 'http://127.0.0.1/a.raw' } }),
    );
    expect(loopback.metadata.finalizers).toEqual(['longhorn.io']);
  });
});

test('an image that replicas use cannot be deleted, nor change its data engine', async () => {
  await withBench({}, async (bench) => {
    bench.image = Buffer.alloc(2 ** 20, 7);
    await readyImage(bench, 'img');
    const change = refusal(() => {
      bench.change('backingimages', 'img', (draft) => {
        draft.spec.dataEngine = 'v1';
      });
    });
    expect(change.message).toBe(denied('changing data engine for BackingImage img is not supported', 'mutator'));
    await healthyVolume(bench, 'vol1', { backingImage: 'img' });
    const remove = refusal(() => {
      bench.remove('backingimages', 'img');
    });
    expect(remove.message).toBe(denied('cannot delete backing image img since there are replicas using it'));
  });
});

test('a volume must match its backing image in engine and size', async () => {
  await withBench({}, async (bench) => {
    bench.image = Buffer.alloc(48 * 2 ** 20, 7);
    await readyImage(bench, 'img');
    const refuse = (spec: Record<string, unknown>): string =>
      refusal(() => bench.create('Volume', 'volumes', 'vol', volumeBody(spec))).message;
    expect(refuse({ backingImage: 'none' })).toBe(denied('backingimage.longhorn.io "none" not found'));
    expect(refuse({ backingImage: 'img', dataEngine: 'v1' })).toBe(
      denied('volume should have the same data engine as the backing image'),
    );
    expect(refuse({ backingImage: 'img' })).toBe(denied('volume size should be larger than the backing image size'));
    const equal = bench.create(
      'Volume',
      'volumes',
      'vol',
      volumeBody({ backingImage: 'img', size: String(48 * 2 ** 20) }),
    );
    expect(equal.spec.size).toBe(String(48 * 2 ** 20));
  });
});

test('the words about a frontend depend on the release', async () => {
  await withBench({ version: '1.8.1' }, (bench) => {
    const error = refusal(() => bench.create('Volume', 'volumes', 'vol', volumeBody({ frontend: '' })));
    expect(error.message).toBe(denied('invalid volume frontend specified: '));
  });
  await withBench({ version: '1.11.3' }, (bench) => {
    const error = refusal(() => bench.create('Volume', 'volumes', 'vol', volumeBody({ frontend: 'iscsi' })));
    expect(error.message).toBe(denied('invalid volume frontend specified: iscsi for data engine v2 '));
  });
});

test('a V2 volume is forbidden while V2 is off, and so is a replica count of 99', async () => {
  await withBench({ v2Enabled: false }, (bench) => {
    const off = refusal(() => bench.create('Volume', 'volumes', 'vol', volumeBody({})));
    expect([off.code, off.reason, off.details]).toEqual([403, 'Forbidden', undefined]);
    expect(off.message).toBe(denied('v2-data-engine data engine is not enabled'));
    const many = refusal(() =>
      bench.create('Volume', 'volumes', 'vol', volumeBody({ dataEngine: 'v1', numberOfReplicas: 99 })),
    );
    expect(many.message).toBe(denied('replica count value 99 must between 1 to 20'));
  });
});

test('a volume gets the defaults that a real webhook fills in', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    const volume = bench.create('Volume', 'volumes', 'dry', volumeBody({ dataEngine: 'v1', size: '33554433' }));
    expect(volume.metadata).toMatchObject({
      finalizers: ['longhorn.io'],
      labels: { 'backup-target': 'default', longhornvolume: 'dry' },
    });
    // As recorded from Longhorn 1.12.1.
    expect(volume.spec).toEqual({
      accessMode: 'rwo',
      backupBlockSize: '2097152',
      backupCompressionMethod: 'lz4',
      backupTargetName: 'default',
      dataEngine: 'v1',
      dataLocality: 'disabled',
      diskSelector: [],
      freezeFilesystemForSnapshot: 'ignored',
      frontend: 'blockdev',
      image: 'docker.io/longhornio/longhorn-engine:v1.12.1',
      nodeSelector: [],
      numberOfReplicas: 2,
      offlineRebuilding: 'ignored',
      replicaAutoBalance: 'ignored',
      replicaDiskSoftAntiAffinity: 'ignored',
      replicaSoftAntiAffinity: 'ignored',
      replicaZoneSoftAntiAffinity: 'ignored',
      restoreVolumeRecurringJob: 'ignored',
      size: '35651584',
      snapshotDataIntegrity: 'ignored',
      snapshotMaxCount: 250,
      unmapMarkSnapChainRemoved: 'ignored',
    });
  });
});

test('what a release does not have for V2 is taken back, where it was asked for', async () => {
  for (const [version, integrity, balance] of [
    ['1.8.1', 'disabled', 'ignored'],
    ['1.9.2', 'enabled', 'ignored'],
    ['1.10.0', 'enabled', 'best-effort'],
  ] as const) {
    await withBench({ version }, (bench) => {
      const asked = {
        snapshotDataIntegrity: 'enabled',
        replicaAutoBalance: 'best-effort',
        replicaSoftAntiAffinity: 'disabled',
      };
      const volume = bench.create('Volume', 'volumes', 'asks', volumeBody(asked));
      expect(volume.spec).toMatchObject({
        snapshotDataIntegrity: integrity,
        replicaAutoBalance: balance,
        replicaSoftAntiAffinity: 'disabled',
      });
      const plain = bench.create('Volume', 'volumes', 'plain', volumeBody({}));
      expect(plain.spec).toMatchObject({ snapshotDataIntegrity: 'ignored', replicaAutoBalance: 'ignored' });
    });
  }
});

test('what V2 cannot give an image, nor a volume, a replica or a node change to, is refused in these words', async () => {
  await withBench({}, async (bench) => {
    await readyImage(bench, 'img');
    await healthyVolume(bench, 'vol1');
    const said = (operation: () => unknown): string => refusal(operation).message;
    const image = (spec: Record<string, unknown>) => (): unknown =>
      bench.create('BackingImage', 'backingimages', 'new', { spec });
    expect(said(image({ sourceType: 'clone', sourceParameters: { 'backing-image': 'img' }, dataEngine: 'v2' }))).toBe(
      denied('clone from a v2 backing image is not supported'),
    );
    const exported = { 'volume-name': 'vol1', 'export-type': 'raw' };
    expect(said(image({ sourceType: 'export-from-volume', sourceParameters: exported, dataEngine: 'v2' }))).toBe(
      denied('exported from a v2 volume is not supported'),
    );
    expect(said(() => bench.create('Volume', 'volumes', 'moves', volumeBody({ migratable: true })))).toBe(
      denied('migratable volumes are only supported in ReadWriteMany (rwx) access mode'),
    );
    const [replica = ''] = bench.list('replicas').map(({ metadata }) => metadata.name);
    const otherEngine = (): void => {
      bench.change('replicas', replica, (draft) => {
        draft.spec.dataEngine = 'v1';
      });
    };
    expect(said(otherEngine)).toBe(denied(`changing data engine for replica ${replica} is not supported`));
    const addDisk = (path: string): void => {
      bench.change('nodes', 'node1', (draft) => {
        draft.spec.disks[path] = { diskType: 'block', path, allowScheduling: true, tags: [] } as unknown as DiskSpec;
      });
    };
    addDisk('/dev/sdx');
    const tooSoon = refusal(() => {
      addDisk('/dev/sdy');
    });
    expect(tooSoon).toMatchObject({
      code: 403,
      message: denied('spec and status of disks on node node1 are being syncing and please retry later.'),
    });
  });
});

test('the image of a V2 volume is fixed, in the words of the webhook up to 1.10 and of the CRD from 1.11 on', async () => {
  for (const [version, words] of [
    ['1.10.2', 'changing backing image for volume vol1 is not supported for data engine v2'],
    ['1.11.3', 'BackingImage is immutable'],
  ] as const) {
    await withBench({ version }, async (bench) => {
      await readyImage(bench, 'img');
      await healthyVolume(bench, 'vol1', { backingImage: 'img' });
      const change = (): void => {
        bench.change('volumes', 'vol1', (draft) => {
          draft.spec.backingImage = 'another';
        });
      };
      expect(refusal(change).message).toContain(words);
    });
  }
});
