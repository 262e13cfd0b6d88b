/** What longhorn-manager makes of a volume, and refuses (longhorn-manager:webhook/resources/volume@v1.8.0..v1.12.1). */
import { expect, test } from '@playwright/test';
import type { KubeObject } from '../../../embedded/apiserver/store.ts';
import type { Volume } from '../../../embedded/controlplane/longhorn/model/volume.ts';
import { healthyVolume, volumeBody } from './bench-objects.ts';
import { type Bench, withBench } from './longhorn-bench.ts';
import { refusal } from './refusal.ts';

function volume(bench: Bench, name: string, spec: Record<string, unknown>): Volume {
  return bench.create('Volume', 'volumes', name, volumeBody(spec));
}

const prefix = /^admission webhook "(validator|mutator)\.longhorn\.io" denied the request: /;

/** Code, field and words of a refusal. */
function said(operation: () => unknown): [number, string | undefined, string] {
  const error = refusal(operation);
  expect(error.message).toMatch(prefix);
  return [error.code, error.details?.causes?.[0]?.field, error.message.replace(prefix, '')];
}

function edit(bench: Bench, name: string, change: (draft: Volume) => void): () => void {
  return () => {
    bench.change('volumes', name, change);
  };
}

test('names are corrected, not refused: lower case, and a checksum at the end of a long one', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    expect(volume(bench, 'Vol', {}).metadata).toMatchObject({ name: 'vol', labels: { longhornvolume: 'vol' } });
    // sha512 of forty-one letters a.
    expect(volume(bench, 'a'.repeat(41), {}).metadata.name).toBe(`${'a'.repeat(31)}-9178f65d`);
  });
});

test('what is not said, or cannot be said, is filled in', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    const bare = bench.create('Volume', 'volumes', 'bare', {
      spec: { frontend: 'blockdev', dataEngine: 'v2', image: 'mine:v1', snapshotMaxCount: 0 },
    });
    expect(bare.spec).toMatchObject({
      size: '2097152',
      numberOfReplicas: 3,
      snapshotMaxCount: 250,
      unmapMarkSnapChainRemoved: 'disabled',
      image: 'docker.io/longhornio/longhorn-instance-manager:v1.12.1',
      backupBlockSize: '2097152',
    });
    expect(bare.metadata.labels).toEqual({ 'backup-target': 'default', longhornvolume: 'bare' });
    bench.change('settings', 'default-backup-block-size', (draft) => {
      draft.value = '16';
    });
    expect(volume(bench, 'blocks', {}).spec['backupBlockSize']).toBe('16777216');
    expect(
      volume(bench, 'local', { dataLocality: 'strict-local', numberOfReplicas: 1 }).spec.revisionCounterDisabled,
    ).toBe(true);
    expect(volume(bench, 'secret', { encrypted: true }).metadata.labels).toMatchObject({
      'v2-encrypted-volume-with-luks-header': 'true',
    });
    const ec = volume(bench, 'ec', {
      numberOfReplicas: 0,
      dataLayout: { type: 'sharded', mode: 'erasureCoding', dataChunks: 2, parityChunks: 1, stripSizeKB: 64 },
    });
    expect([ec.spec.numberOfReplicas, ec.spec.dataLocality]).toEqual([1, 'disabled']);
  });
});

test('the labels of followed settings come with the first change, and only where a setting is followed', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    volume(bench, 'vol', { snapshotDataIntegrity: 'enabled' });
    await bench.until('detached', () => bench.object('volumes', 'vol')?.status?.state === 'detached');
    expect(bench.object('volumes', 'vol')?.metadata.labels).toEqual({
      'backup-target': 'default',
      longhornvolume: 'vol',
      'recurring-job-group.longhorn.io/default': 'enabled',
      'setting.longhorn.io/replica-auto-balance': 'ignored',
    });
  });
});

test('a change is completed: a finalizer stays, a limit follows the size, the target is a label', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    volume(bench, 'vol', { snapshotMaxSize: '67108864' });
    await bench.until('detached', () => bench.object('volumes', 'vol')?.status?.state === 'detached');
    bench.store.create('backuptargets.longhorn.io', {
      apiVersion: 'longhorn.io/v1beta2',
      kind: 'BackupTarget',
      metadata: { name: 'other', namespace: 'longhorn-system' },
      spec: {},
    });
    edit(bench, 'vol', (draft) => {
      draft.metadata.finalizers = [];
      draft.spec.size = '50331648';
      draft.spec['backupTargetName'] = 'other';
    })();
    const changed = bench.object('volumes', 'vol');
    expect(changed?.metadata).toMatchObject({ finalizers: ['longhorn.io'], labels: { 'backup-target': 'other' } });
    expect(changed?.spec.snapshotMaxSize).toBe('100663296');
  });
});

test('a new volume is refused for a clone that cannot be', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    const clone = (spec: Record<string, unknown>) => (): KubeObject => volume(bench, 'clone', spec);
    expect(said(clone({ cloneMode: 'full-copy' }))).toEqual([
      422,
      '.spec.cloneMode',
      'BUG: CloneMode is non-empty while DataSource is empty',
    ]);
    expect(said(clone({ dataEngine: 'v1', dataSource: 'vol://a', cloneMode: 'linked-clone' }))).toEqual([
      422,
      '.spec.cloneMode',
      'BUG: v1 data engine does not support clone mode linked-clone',
    ]);
    expect(said(clone({ dataSource: 'disk://a' }))).toEqual([
      422,
      '.spec.dataSource',
      'invalid volume data source disk://a',
    ]);
    // Not found is passed on as it came.
    expect(said(clone({ dataSource: 'vol://none' }))).toEqual([500, undefined, 'volume.longhorn.io "none" not found']);
    expect(said(clone({ dataSource: 'vol://none', cloneMode: 'linked-clone', size: '0' }))).toEqual([
      422,
      '.spec.dataSource',
      'failed to get source volume none: volume.longhorn.io "none" not found',
    ]);
    volume(bench, 'source', { dataEngine: 'v1', frontend: 'blockdev' });
    expect(said(clone({ dataSource: 'vol://source' }))).toEqual([
      422,
      '.spec.dataSource',
      'cannot clone volume with data engine v1 into a volume with data engine v2',
    ]);
  });
  await withBench({ version: '1.9.2' }, (bench) => {
    expect(said(() => volume(bench, 'clone', { dataSource: 'vol://source' }))[2]).toBe(
      'clone is not supported for data engine v2',
    );
  });
  await withBench({ version: '1.11.3' }, (bench) => {
    volume(bench, 'source', {});
    expect(said(() => volume(bench, 'two', { dataSource: 'vol://source', cloneMode: 'linked-clone' }))).toEqual([
      422,
      'spec.numberOfReplicas',
      'number of replica count must be 1 when clone mode linked-clone',
    ]);
    volume(bench, 'one', { dataSource: 'vol://source', cloneMode: 'linked-clone', numberOfReplicas: 1 });
    expect(
      said(() =>
        volume(bench, 'more', { dataSource: 'vol://source', cloneMode: 'linked-clone', numberOfReplicas: 1 }),
      )[2],
    ).toBe('BUG: there already exist a linked-cloned volume one from the source volume source');
    expect(said(() => volume(bench, 'next', { dataSource: 'vol://one' }))[2]).toBe(
      'cannot create a new volume from a linked-clone volume one',
    );
  });
});

test('a sharded volume must be one through and through', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    const layout = { type: 'sharded', mode: 'erasureCoding', dataChunks: 2, parityChunks: 1, stripSizeKB: 64 };
    const refuse = (
      dataLayout: Record<string, unknown>,
      spec: Record<string, unknown> = {},
    ): [string | undefined, string] => {
      const [, field, words] = said(() => volume(bench, 'ec', { numberOfReplicas: 1, dataLayout, ...spec }));
      return [field, words];
    };
    expect(refuse({ dataChunks: 2 })).toEqual([
      'spec.dataLayout',
      'EC params (dataChunks, parityChunks, stripSizeKB) must be 0 for non-sharded volumes',
    ]);
    expect(refuse({ type: 'replicated', mode: 'erasureCoding' })[1]).toBe(
      'spec.dataLayout.mode erasureCoding is not valid for non-sharded volumes',
    );
    expect(refuse(layout, { dataEngine: 'v1' })[1]).toBe('sharded data layout requires V2 data engine');
    expect(refuse({ ...layout, stripSizeKB: 3 })[1]).toBe(
      'spec.dataLayout: stripSizeKB must be a power of two in [4, 1024], got 3',
    );
    expect(refuse({ ...layout, parityChunks: 31 })[1]).toBe(
      'spec.dataLayout: dataChunks (2) + parityChunks (31) must be <= 32 (Longhorn EC base bdev cap)',
    );
    expect(refuse(layout, { numberOfReplicas: 2 })[0]).toBe('spec.numberOfReplicas');
    expect(refuse(layout, { migratable: true, accessMode: 'rwx' })).toEqual([
      'spec.migratable',
      'spec.migratable is not supported for EC (sharded) volumes',
    ]);
  });
});

test('a change is refused in the order of the real rules, with their fields', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    await healthyVolume(bench, 'vol');
    const refuse = (change: (spec: Volume['spec']) => void): [number, string | undefined, string] =>
      said(
        edit(bench, 'vol', (draft) => {
          change(draft.spec);
        }),
      );
    expect(refuse((spec) => (spec.size = '2097152'))).toEqual([
      422,
      'spec.size',
      'shrinking volume vol size from 67108864 to 2097152 is not supported',
    ]);
    expect(refuse((spec) => (spec.dataSource = 'vol://a'))).toEqual([
      422,
      '.spec.dataSource',
      '.spec.dataSource is immutable (old=, new=vol://a)',
    ]);
    expect(refuse((spec) => (spec['backupTargetName'] = ''))).toEqual([
      422,
      'spec.backupTargetName',
      'backup target name cannot be empty when creating a volume or updating from an existing backup target',
    ]);
    bench.create('Snapshot', 'snapshots', 'one', { spec: { volume: 'vol', createSnapshot: true } });
    bench.create('Snapshot', 'snapshots', 'two', { spec: { volume: 'vol', createSnapshot: true } });
    bench.create('Snapshot', 'snapshots', 'three', { spec: { volume: 'vol', createSnapshot: true } });
    await bench.until(
      'three snapshots',
      () => Object.keys(bench.object('engines', 'vol-e-0')?.status?.snapshots ?? {}).length === 4,
    );
    expect(refuse((spec) => (spec.snapshotMaxCount = 2))).toEqual([
      422,
      undefined,
      "can't make snapshotMaxCount or snapshotMaxSize be smaller than current usage, please remove snapshots first",
    ]);
    edit(bench, 'vol', (draft) => {
      draft.spec['snapshotHashingRequestedAt'] = '2026-01-01T00:00:00Z';
    })();
    expect(refuse((spec) => (spec['snapshotHashingRequestedAt'] = '2026-01-01T00:00:09Z'))).toEqual([
      422,
      'spec.snapshotHashingRequestedAt',
      'previous snapshot hashing request is still in progress',
    ]);
  });
});
