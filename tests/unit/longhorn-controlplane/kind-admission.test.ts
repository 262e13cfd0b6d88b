/** What longhorn-manager makes of objects other than volumes and settings, and refuses (longhorn-manager:webhook/resources@v1.8.0..v1.12.1). */
import { expect, test } from '@playwright/test';
import type { KubeObject } from '../../../embedded/apiserver/store.ts';
import type { DiskSpec } from '../../../embedded/controlplane/longhorn/model/node.ts';
import type { AttachmentTicket } from '../../../embedded/controlplane/longhorn/model/volume.ts';
import { healthyVolume, readyImage } from './bench-objects.ts';
import { type Bench, withBench } from './longhorn-bench.ts';
import { refusal } from './refusal.ts';

const prefix = /^admission webhook "(validator|mutator)\.longhorn\.io" denied the request: /;

/** Code, webhook and words of a refusal. */
function said(operation: () => unknown): [number, string | undefined, string] {
  const error = refusal(operation);
  return [error.code, prefix.exec(error.message)?.[1], error.message.replace(prefix, '')];
}

function make(bench: Bench, kind: string, plural: string, name: string, body: Record<string, unknown>): KubeObject {
  return bench.store.create(`${plural}.longhorn.io`, {
    apiVersion: 'longhorn.io/v1beta2',
    kind,
    metadata: { name, namespace: 'longhorn-system' },
    ...body,
  });
}

function image(bench: Bench, spec: Record<string, unknown>, name = 'img'): KubeObject {
  return bench.create('BackingImage', 'backingimages', name, {
    spec: { sourceType: 'download', sourceParameters: { url: 'http://example.com/a.raw' }, ...spec },
  });
}

test('a value of another type is refused by the decoder of the mutator', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    const volume = (spec: Record<string, unknown>) => (): KubeObject =>
      make(bench, 'Volume', 'volumes', 'vol', { spec: { frontend: 'blockdev', ...spec } });
    const misuse = 'json: invalid use of ,string struct tag, trying to unmarshal';
    expect(said(volume({ size: 'big' }))).toEqual([500, 'mutator', `${misuse} "big" into int64`]);
    expect(said(volume({ size: 33554432 }))).toEqual([500, 'mutator', `${misuse} unquoted value into int64`]);
    expect(said(volume({ size: '10Gi' }))).toEqual([
      500,
      'mutator',
      'json: cannot unmarshal number 10Gi into Go struct field VolumeSpec.spec.size of type int64',
    ]);
    expect(said(volume({ numberOfReplicas: 'two' }))[2]).toBe(
      'json: cannot unmarshal string into Go struct field VolumeSpec.spec.numberOfReplicas of type int',
    );
    expect(said(volume({ numberOfReplicas: 1.5 }))[2]).toBe(
      'json: cannot unmarshal number 1.5 into Go struct field VolumeSpec.spec.numberOfReplicas of type int',
    );
    expect(said(volume({ migratable: 'no' }))[2]).toBe(
      'json: cannot unmarshal string into Go struct field VolumeSpec.spec.migratable of type bool',
    );
    expect(said(volume({ dataEngine: 2 }))[2]).toBe(
      'json: cannot unmarshal number into Go struct field VolumeSpec.spec.dataEngine of type v1beta2.DataEngineType',
    );
    const setting = (): void => {
      bench.change('settings', 'auto-salvage', (draft) => {
        draft.value = true as unknown as string;
      });
    };
    expect(said(setting)).toEqual([
      500,
      'mutator',
      'json: cannot unmarshal bool into Go struct field Setting.value of type string',
    ]);
  });
});

test('a backing image is completed and refused as in its release', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    expect(
      image(bench, { checksum: ' ', sourceParameters: { url: ' http://example.com/a ' } }, 'IMG').metadata.name,
    ).toBe('img');
    expect(bench.object('backingimages', 'img')).toMatchObject({
      metadata: {
        finalizers: ['longhorn.io'],
        labels: { 'longhorn.io/component': 'backing-image', 'longhorn.io/managed-by': 'longhorn-manager' },
      },
      spec: {
        checksum: '',
        dataEngine: 'v1',
        diskFileSpecMap: {},
        disks: {},
        minNumberOfCopies: 3,
        sourceParameters: { url: 'http://example.com/a' },
      },
    });
    const refuse = (spec: Record<string, unknown>): string => said(() => image(bench, spec, 'new'))[2];
    const url = (text: string): string => refuse({ sourceParameters: { url: text } });
    expect(url('ftp://example.com/a')).toBe('invalid download URL scheme "ftp"');
    expect(url('example.com/a')).toBe('invalid download URL: parse "example.com/a": invalid URI for request');
    expect(url('//example.com/a')).toBe('invalid download URL scheme ""');
    for (const loop of ['http://localhost/a', 'http://127.0.0.2:80/a', 'http://0.0.0.0/a', 'http://[::1]/a']) {
      expect(url(loop), loop).toBe('download URL must not target a loopback address');
    }
    expect(refuse({ minNumberOfCopies: -1 })).toBe('minimum number of backing image copies -1 must larger than 0');
    expect(refuse({ secret: 's', secretNamespace: 'n' })).toBe(
      'failed to get secret s in namespace n for the backing image new',
    );
    expect(refuse({ sourceType: 'export-from-volume', sourceParameters: { b: '1' } })).toBe(
      'invalid parameter map[b:1 export-type:raw] for source type export-from-volume',
    );
    // The mutator looks for the source of a clone before the validator can refuse it.
    expect(
      said(() => image(bench, { sourceType: 'clone', sourceParameters: { 'backing-image': 'none' } }, 'new')),
    ).toEqual([500, 'mutator', 'failed to get source backing image none: backingimage.longhorn.io "none" not found']);
    expect(refuse({ sourceType: 'clone', sourceParameters: { 'backing-image': 'img' } })).toBe(
      'minimum number of backing image copies 0 must larger than 0',
    );
    expect(refuse({ sourceType: 'clone', sourceParameters: { 'backing-image': 'img', encryption: 'decrypt' } })).toBe(
      'cannot re-decrypt the backing image, img is already decrypted',
    );
    const empty = (): void => {
      bench.change('backingimages', 'img', (draft) => {
        draft.spec.sourceParameters = {};
      });
    };
    expect(said(empty)[2]).toBe('download URL is not provided');
  });
  await withBench({ version: '1.11.3' }, (bench) => {
    image(bench, {});
    bench.change('backingimages', 'img', (draft) => {
      draft.spec.sourceParameters = {};
      draft.spec.secret = 'one';
    });
    const other = (): void => {
      bench.change('backingimages', 'img', (draft) => {
        draft.spec.secret = 'two';
      });
    };
    expect(said(other)).toEqual([422, 'mutator', 'changing secret for BackingImage img is not supported']);
  });
});

test('replicas, engines and snapshots are completed at creation and at every change', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    await healthyVolume(bench, 'vol');
    const replica = make(bench, 'Replica', 'replicas', 'stray', { spec: { volumeName: 'vol' } });
    expect(replica).toMatchObject({
      metadata: { finalizers: ['longhorn.io'], labels: { longhornvolume: 'vol' } },
      spec: { dataEngine: 'v1' },
    });
    const [victim = ''] = bench
      .list('replicas')
      .map(({ metadata }) => metadata.name)
      .filter((name) => name !== 'stray');
    bench.change('replicas', victim, (draft) => {
      draft.metadata.finalizers = [];
      draft.metadata.labels = {};
    });
    expect(bench.object('replicas', victim)?.metadata).toMatchObject({
      finalizers: ['longhorn.io'],
      labels: { longhornvolume: 'vol' },
    });
    bench.change('engines', 'vol-e-0', (draft) => {
      Reflect.deleteProperty(draft.spec, 'upgradedReplicaAddressMap');
    });
    expect(bench.object('engines', 'vol-e-0')?.spec.upgradedReplicaAddressMap).toEqual({});
    const snapshot = make(bench, 'Snapshot', 'snapshots', 'snap', { spec: { volume: 'vol', createSnapshot: true } });
    expect(snapshot.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'longhorn.io/v1beta2',
        kind: 'Volume',
        name: 'vol',
        uid: bench.object('volumes', 'vol')?.metadata.uid,
      },
    ]);
    const disown = (): void => {
      bench.change('snapshots', 'snap', (draft) => {
        draft.metadata.ownerReferences = [];
      });
    };
    expect(said(disown)[2]).toBe('snapshot OwnerReferences field is immutable');
    expect(
      said(() => make(bench, 'EngineFrontend', 'enginefrontends', 'ef', { spec: { volumeName: 'none' } }))[2],
    ).toBe('volume does not exist for engine frontend');
  });
});

test('an attachment keeps its tickets as they were asked for, and counts how often they were', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    bench.create('Volume', 'volumes', 'vol', {
      spec: { size: '67108864', numberOfReplicas: 1, dataEngine: 'v2', frontend: 'blockdev' },
    });
    await bench.until('detached', () => bench.object('volumes', 'vol')?.status?.state === 'detached');
    const put = (ticket: Record<string, unknown>): void => {
      bench.change('volumeattachments', 'vol', (draft) => {
        draft.spec.attachmentTickets['t'] = ticket as unknown as AttachmentTicket;
      });
    };
    const ticket = { id: 't', type: 'longhorn-api', nodeID: 'node1', parameters: { disableFrontend: 'false' } };
    put(ticket);
    expect(bench.object('volumeattachments', 'vol')?.spec.attachmentTickets).toEqual({ t: ticket });
    await bench.until('attached', () => bench.object('volumes', 'vol')?.status?.state === 'attached');
    put({ ...ticket, parameters: { disableFrontend: 'any' } });
    expect(bench.object('volumeattachments', 'vol')?.spec.attachmentTickets['t']?.generation).toBe(1);
    bench.change('volumeattachments', 'vol', (draft) => {
      draft.spec.attachmentTickets = {};
    });
    put(ticket);
    expect(bench.object('volumeattachments', 'vol')?.spec.attachmentTickets['t']?.generation).toBeGreaterThan(0);
  });
});

test('tickets of volumes that migrate, or stay where they are, are refused beyond their number and place', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    const spec = { size: '67108864', numberOfReplicas: 1, dataEngine: 'v2', frontend: 'blockdev' };
    bench.create('Volume', 'volumes', 'moves', { spec: { ...spec, migratable: true, accessMode: 'rwx' } });
    bench.create('Volume', 'volumes', 'local', { spec: { ...spec, dataLocality: 'strict-local' } });
    await bench.until('detached', () => bench.list('volumes').every((volume) => volume.status?.state === 'detached'));
    const put = (name: string, type: string, nodes: readonly string[]) => (): void => {
      bench.change('volumeattachments', name, (draft) => {
        draft.spec.attachmentTickets = Object.fromEntries(
          nodes.map((nodeID) => [nodeID, { id: nodeID, type, nodeID }]),
        );
      });
    };
    expect(said(put('moves', 'csi-attacher', ['node1', 'node2']))[2]).toBe(
      'cannot have second CSI ticket for migratable volume moves while it is in state detached',
    );
    expect(said(put('moves', 'csi-attacher', ['node1', 'node2', 'node3']))[2]).toMatch(
      /^cannot have more than 2 CSI tickets for migratable volume moves: \{"node1":/,
    );
    // Its replica has no place before it is attached for the first time.
    put('local', 'longhorn-api', ['node1'])();
    await bench.until('attached', () => bench.object('volumes', 'local')?.status?.state === 'attached');
    expect(said(put('local', 'longhorn-api', ['node2']))[2]).toBe(
      'invalid VolumeAttachment update for volume local: data locality strict-local requires the volume and replica to stay on the same node, but ticket is on node node2 and replica is on node node1',
    );
  });
});

test('a node keeps its disks as they were asked for, and is refused while they are being looked at', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    bench.change('nodes', 'node1', (draft) => {
      draft.spec.tags = ['ssd', 'fast', 'ssd'];
      draft.spec.disks['new'] = { path: '/dev/sdx', diskType: 'block', tags: ['b', 'a', 'b'] } as unknown as DiskSpec;
    });
    expect(bench.object('nodes', 'node1')?.spec).toMatchObject({ tags: ['fast', 'ssd'] });
    expect(bench.object('nodes', 'node1')?.spec.disks['new']).toEqual({
      path: '/dev/sdx',
      diskType: 'block',
      diskDriver: 'auto',
      tags: ['a', 'b'],
    });
    const touch = (): void => {
      bench.change('nodes', 'node1', (draft) => {
        draft.spec.tags = [];
      });
    };
    // Whatever the change is about.
    expect(said(touch)).toEqual([
      403,
      'validator',
      'spec and status of disks on node node1 are being syncing and please retry later.',
    ]);
    await bench.until('synced', () => bench.object('nodes', 'node1')?.status?.diskStatus['new'] !== undefined);
    touch();
    const twice = (): void => {
      bench.change('nodes', 'node1', (draft) => {
        draft.spec.disks['twin'] = {
          path: '/dev/sdx/',
          diskType: 'filesystem',
          diskDriver: 'aio',
        } as unknown as DiskSpec;
      });
    };
    // The driver is looked at before the paths are.
    expect(said(twice)[2]).toBe('disk twin type filesystem is not supported to specify disk driver');
  });
  await withBench({ version: '1.9.2' }, (bench) => {
    bench.remove('nodes', 'node1');
    expect(bench.object('nodes', 'node1')?.metadata.deletionTimestamp).toBeDefined();
  });
});

test('what longhorn-manager makes for itself has rules, too', async () => {
  await withBench({ version: '1.12.1' }, async (bench) => {
    const [engineImage] = bench.store.list('engineimages.longhorn.io', { namespace: 'longhorn-system' });
    const standard = 'docker.io/longhornio/longhorn-engine:v1.12.1';
    const ref = (plural: string, name: string): { resource: string; namespace: string; name: string } => ({
      resource: `${plural}.longhorn.io`,
      namespace: 'longhorn-system',
      name,
    });
    expect(
      said(() => {
        bench.store.delete(ref('engineimages', engineImage?.metadata.name ?? ''));
      })[2],
    ).toBe(`deleting the default engine image ${standard} (${standard}) is not allowed`);
    const other = make(bench, 'EngineImage', 'engineimages', 'any', {
      spec: { image: ' longhornio/longhorn-engine:v1.11.3 ' },
    });
    expect(other).toMatchObject({
      metadata: { name: 'ei-c991cf79', finalizers: ['longhorn.io'] },
      spec: { image: 'longhornio/longhorn-engine:v1.11.3' },
    });
    bench.store.delete(ref('engineimages', other.metadata.name));
    await bench.until(
      'engine image gone',
      () => bench.store.get(ref('engineimages', other.metadata.name)) === undefined,
    );

    const manager = (spec: Record<string, unknown>) => (): KubeObject =>
      make(bench, 'InstanceManager', 'instancemanagers', 'im', { spec });
    expect(said(manager({ nodeID: 'none' }))).toEqual([
      422,
      'mutator',
      'failed to get node none: node.longhorn.io "none" not found',
    ]);
    expect(said(manager({ nodeID: 'node1' }))).toEqual([422, 'validator', 'type for instanceManager im is not set']);

    const orphan = (spec: Record<string, unknown>) => (): KubeObject => make(bench, 'Orphan', 'orphans', 'o', { spec });
    expect(said(orphan({ orphanType: 'pod' }))).toEqual([422, 'mutator', 'invalid orphan labels']);
    expect(said(orphan({ orphanType: 'replica', parameters: { DataName: 'x' } }))[2]).toBe(
      'failed to check orphan o since parameter DiskName for orphan o is missing',
    );
    expect(said(orphan({ orphanType: 'engine-instance', parameters: { InstanceName: '' } }))[2]).toBe(
      'failed to check orphan o since parameter InstanceName for orphan o is empty',
    );
    const parameters = { DataName: 'x', DiskName: 'd', DiskUUID: 'u', DiskPath: 'p', DiskType: 'block' };
    expect(orphan({ orphanType: 'replica', nodeID: 'node1', parameters })().metadata.labels).toEqual({
      'longhorn.io/component': 'orphan',
      'longhorn.io/managed-by': 'longhorn-manager',
      'longhorn.io/orphan-type': 'replica',
      longhornnode: 'node1',
    });
    const edit = (): void => {
      bench.change('orphans', 'o', (draft) => {
        draft.spec.nodeID = 'node2';
      });
    };
    expect(said(edit)[2]).toBe('orphan o spec is immutable');
    expect(said(() => make(bench, 'SystemBackup', 'systembackups', 'sb', { spec: {} }))[2]).toBe(
      'backup target default is not available',
    );
    expect(
      said(() => {
        bench.store.delete(ref('backuptargets', 'default'));
      })[2],
    ).toBe('deleting default backup target is not allowed');
  });
});

test('a recurring job gets a concurrency in the releases that give it one', async () => {
  for (const [version, concurrency] of [
    ['1.11.2', undefined],
    ['1.11.3', 10],
    ['1.12.0', undefined],
    ['1.12.1', 10],
  ] as const) {
    await withBench({ version }, (bench) => {
      const job = make(bench, 'RecurringJob', 'recurringjobs', 'Job', {
        spec: { task: 'snapshot', cron: '@daily', groups: ['one'] },
      });
      const spec = job.spec as Record<string, unknown>;
      expect([job.metadata.name, spec['name'], spec['concurrency']]).toEqual(['job', 'Job', concurrency]);
      const refuse = (spec: Record<string, unknown>): string =>
        said(() =>
          make(bench, 'RecurringJob', 'recurringjobs', 'new', { spec: { task: 'backup', cron: '@daily', ...spec } }),
        )[2];
      expect(refuse({ labels: { a: '' } })).toBe('value for label with key a cannot be empty');
      expect(refuse({ labels: { KubernetesStatus: 'x' } })).toBe(
        'specified snapshot backup labels contain reserved keyword KubernetesStatus',
      );
      expect(refuse({ groups: ['x'] })).toBe('invalid group name x');
      expect(refuse({ cron: '', labels: { b: '1', a: '2' } })).toContain(
        `Concurrency:${String(concurrency ?? 0)} Labels:map[a:2 b:1] Parameters:map[]}`,
      );
    });
  }
});

test('an image whose replicas are gone can be deleted', async () => {
  await withBench({ version: '1.11.3' }, async (bench) => {
    bench.image = Buffer.alloc(2 ** 20, 7);
    await readyImage(bench, 'img');
    bench.remove('backingimages', 'img');
    await bench.until('image gone', () => bench.object('backingimages', 'img') === undefined);
  });
});
