import { expect, test } from '@playwright/test';
import type { KubeObject } from '../../../embedded/apiserver/store.ts';
import type { DiskSpec } from '../../../embedded/controlplane/longhorn/model/node.ts';
import { customResourcesOf } from '../../../embedded/controlplane/longhorn/resources/custom-resources.ts';
import { knownLonghornVersions } from '../../../embedded/versions/profile.ts';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import { type Bench, withBench } from './longhorn-bench.ts';

interface Pod extends KubeObject {
  spec: { nodeName: string; containers: { name: string; image: string }[] };
}

test('a release serves its kinds: 22 up to 1.11, 23 in 1.12.0, 25 in 1.12.1, v1beta1 up to 1.8', () => {
  const counts = new Map(knownLonghornVersions().map((version) => [version, customResourcesOf(version).length]));
  expect([counts.get('1.8.0'), counts.get('1.11.3'), counts.get('1.12.0'), counts.get('1.12.1')]).toEqual([
    22, 22, 23, 25,
  ]);
  const beta = (version: LonghornVersion): string[] =>
    customResourcesOf(version)
      .filter((resource) => resource.alsoServed?.includes('v1beta1'))
      .map((resource) => resource.kind);
  expect(beta('1.9.0')).toEqual([]);
  expect(beta('1.8.2')).toContain('Volume');
  for (const kind of ['Orphan', 'Snapshot', 'VolumeAttachment', 'SystemBackup', 'SupportBundle', 'BackupBackingImage'])
    expect(beta('1.8.2')).not.toContain(kind);
});

interface FieldSchema {
  properties?: Record<string, FieldSchema>;
  [key: string]: unknown;
}

function volumeFields(version: LonghornVersion): Record<string, FieldSchema> {
  const schema = customResourcesOf(version).find((resource) => resource.kind === 'Volume')?.schema as
    FieldSchema | undefined;
  return schema?.properties?.['spec']?.properties ?? {};
}

test('the schema carries the enums and the integers that are strings', () => {
  const volume = customResourcesOf('1.11.3').find((resource) => resource.kind === 'Volume');
  const spec = volumeFields('1.11.3');
  expect(spec['size']).toEqual({ type: 'string', format: 'int64' });
  expect(spec['frontend']?.['enum']).toEqual(['blockdev', 'iscsi', 'nvmf', 'ublk', '']);
  expect(spec['backingImage']?.['x-kubernetes-validations']).toEqual([
    { rule: 'self == oldSelf', message: 'BackingImage is immutable' },
  ]);
  expect(volume?.shortNames).toEqual(['lhv']);
  expect(volume?.columns.map((column) => column.name)).toEqual([
    'Data Engine',
    'State',
    'Robustness',
    'Scheduled',
    'Size',
    'Node',
    'Age',
  ]);
  const older = volumeFields('1.8.1');
  expect(older['frontend']?.['enum']).toEqual(['blockdev', 'iscsi', 'nvmf', '']);
  expect(older['backingImage']).toEqual({ type: 'string' });
});

test('settings have the names and formats of their release', async () => {
  const value = (bench: Bench, name: string): unknown => bench.object('settings', name)?.value;
  await withBench({ version: '1.9.2' }, (bench) => {
    expect(value(bench, 'default-replica-count')).toBe('3');
    expect(value(bench, 'v2-data-engine-hugepage-limit')).toBe('2048');
    expect(value(bench, 'v2-data-engine-fast-replica-rebuilding')).toBe('false');
    expect(value(bench, 'data-engine-memory-size')).toBeUndefined();
  });
  await withBench({ version: '1.10.0' }, (bench) => {
    expect(value(bench, 'default-replica-count')).toBe('{"v1":"3","v2":"3"}');
    expect(value(bench, 'data-engine-memory-size')).toBe('{"v2":"2048"}');
    expect(value(bench, 'fast-replica-rebuild-enabled')).toBe('{"v1":"true","v2":"true"}');
    expect(value(bench, 'v2-data-engine')).toBe('true');
    expect(value(bench, 'v2-data-engine-hugepage-limit')).toBeUndefined();
  });
  await withBench({ version: '1.12.1' }, (bench) => {
    expect(value(bench, 'data-engine-cpu-mask')).toBe('{"v2":"0x3"}');
    expect(value(bench, 'data-engine-number-of-cpu-cores')).toBe('{"v2":"0"}');
    expect(value(bench, 'current-longhorn-version')).toBe('v1.12.1');
    expect(bench.list('settings')).toHaveLength(116);
    const unapplied = bench.list('settings').filter((setting) => setting.status?.applied !== true);
    expect(unapplied.map((setting) => setting.metadata.name)).toEqual([
      'csi-storage-capacity-tracking',
      'endpoint-network-for-rwx-volume',
      'storage-network',
    ]);
  });
});

test('nodes come with ready disks whose UUID is the lvstore', async () => {
  await withBench({}, (bench) => {
    const disks = bench.expectObject('nodes', 'node2').status.diskStatus;
    expect(disks['block-disk']).toMatchObject({
      diskUUID: bench.dataPlane.node('node2').diskGet('block-disk')?.lvstoreUuid,
      diskName: 'block-disk',
      diskType: 'block',
      diskPath: '/dev/sdb',
      storageMaximum: 50 * 2 ** 30,
    });
    expect(disks['block-disk']?.conditions.map((condition) => [condition.type, condition.status])).toEqual([
      ['Ready', 'True'],
      ['Schedulable', 'True'],
    ]);
    expect(disks['default-disk']?.diskType).toBe('filesystem');
  });
});

test('every node has a running V2 instance manager with a pod that can be found by its labels', async () => {
  await withBench({}, (bench) => {
    const pods = bench.store.list('pods', {
      namespace: 'longhorn-system',
      labels: { 'longhorn.io/component': 'instance-manager', 'longhorn.io/data-engine': 'v2' },
    }) as readonly Pod[];
    expect(pods.map((pod) => pod.spec.nodeName).sort()).toEqual(['node1', 'node2', 'node3']);
    for (const pod of pods) {
      expect(pod.metadata.name).toMatch(/^instance-manager-[0-9a-f]{32}$/);
      expect(pod.spec.containers[0]).toMatchObject({
        name: 'instance-manager',
        image: 'longhornio/longhorn-instance-manager:v1.11.3',
      });
      expect(bench.expectObject('instancemanagers', pod.metadata.name).status.currentState).toBe('running');
    }
    expect(bench.store.list('engineimages.longhorn.io')[0]?.status).toMatchObject({ state: 'deployed' });
    expect(bench.store.get({ resource: 'csidrivers.storage.k8s.io', name: 'driver.longhorn.io' })).toBeDefined();
  });
});

test('a block disk that is added later becomes an lvstore and is ready for replicas', async () => {
  await withBench({}, async (bench) => {
    bench.change('nodes', 'node1', (draft) => {
      // The webhook completes what a person leaves out.
      draft.spec.disks['extra'] = { diskType: 'block', path: '/dev/sdz', allowScheduling: true } as DiskSpec;
    });
    const disk = await bench.until('ready', () => bench.expectObject('nodes', 'node1').status.diskStatus['extra']);
    expect(disk).toMatchObject({
      diskName: 'extra',
      diskUUID: bench.dataPlane.node('node1').diskGet('extra')?.lvstoreUuid,
    });
  });
});

test('turning V2 on starts an instance manager on every node', async () => {
  await withBench({ v2Enabled: false }, async (bench) => {
    const count = (): number =>
      bench.list('instancemanagers').filter((manager) => manager.spec.dataEngine === 'v2').length;
    expect(count()).toBe(0);
    bench.change('settings', 'v2-data-engine', (draft) => {
      draft.value = 'true';
    });
    await bench.until('three instance managers', () => count() === 3);
  });
});

test('there is a default backup target, which is not available', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    const [target, ...more] = bench.store.list('backuptargets.longhorn.io', { namespace: 'longhorn-system' });
    expect(more).toEqual([]);
    expect(target).toMatchObject({
      metadata: { name: 'default', finalizers: ['longhorn.io'] },
      spec: { backupTargetURL: '', credentialSecret: '', pollInterval: '5m0s', syncRequestedAt: null },
      status: {
        available: false,
        lastSyncedAt: null,
        conditions: [
          { type: 'Unavailable', status: 'True', reason: 'Unavailable', message: 'backup target URL is empty' },
        ],
      },
    });
  });
});
