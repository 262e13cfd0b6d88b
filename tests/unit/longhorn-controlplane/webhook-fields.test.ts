/** Refusals of single fields, by release (longhorn-manager:webhook/resources@v1.8.0..v1.12.1). */
import { expect, test } from '@playwright/test';
import type { KubeObject } from '../../../embedded/apiserver/store.ts';
import type { Node } from '../../../embedded/controlplane/longhorn/model/node.ts';
import { cronFault } from '../../../embedded/controlplane/longhorn/webhooks/cron.ts';
import type { LonghornVersion } from '../../../embedded/versions/profile.ts';
import { healthyVolume, volumeBody } from './bench-objects.ts';
import { type Bench, withBench } from './longhorn-bench.ts';
import { refusal } from './refusal.ts';

const prefix = 'admission webhook "validator.longhorn.io" denied the request: ';
/** What a webhook says; refusals of the schema are told in full. */
const words = (operation: () => unknown): string => refusal(operation).message.replace(prefix, '');

function volume(bench: Bench, name: string, spec: Record<string, unknown>): KubeObject {
  return bench.create('Volume', 'volumes', name, volumeBody(spec));
}

test('a volume is refused for a name, a size or a limit that Longhorn cannot have', async () => {
  await withBench({ version: '1.11.3' }, (bench) => {
    const refuse = (spec: Record<string, unknown>, name = 'vol'): string => words(() => volume(bench, name, spec));
    expect(refuse({}, 'v')).toBe('invalid name v');
    expect(refuse({}, 'a.b')).toBe('invalid volume name: [must not contain dots]');
    expect(refuse({ dataLocality: 'strict-local' })).toBe(
      'number of replica count should be 1 when data locality is strict-local',
    );
    expect(refuse({ dataLocality: 'strict-local', numberOfReplicas: 1, accessMode: 'rwx' })).toBe(
      'access mode rwx (migratable: false) is incompatible with data locality strict-local mode',
    );
    expect(refuse({ size: '35651584', backupBlockSize: '16777216' })).toBe(
      'volume size 35651584 must be an integer multiple of the backup block size 16777216',
    );
    expect(refuse({ ublkQueueDepth: 8 })).toBe(
      'ublk queue depth must be either 0 (meaning unspecified) or at least 32. Got 8',
    );
    expect(refuse({ snapshotMaxSize: '33554432' })).toBe(
      'snapshot max size can not be 0 and at least twice of volume size',
    );
    expect(refuse({ snapshotMaxCount: 1 })).toBe('snapshot max count should be between 2 to 250');
    expect(refuse({ backupTargetName: 'none' })).toBe(
      'failed to get backup target none: backuptarget.longhorn.io "none" not found',
    );
    expect(refuse({ dataEngine: 'v1', replicaRebuildingBandwidthLimit: 5 })).toBe(
      'replicaRebuildingBandwidthLimit is not supported for data engine v1',
    );
  });
});

test('what a V2 volume may change grows with the releases', async () => {
  const changed = async (version: LonghornVersion, field: string, value: unknown): Promise<string> => {
    let answer = '';
    await withBench({ version }, async (bench) => {
      await healthyVolume(bench, 'vol');
      try {
        bench.change('volumes', 'vol', (draft) => {
          draft.spec[field] = value;
        });
        answer = 'accepted';
      } catch (error) {
        answer = (error as Error).message.replace(prefix, '');
      }
    });
    return answer;
  };
  expect(await changed('1.8.0', 'size', String(128 * 2 ** 20))).toBe(
    'changing volume size for volume vol is not supported for data engine v2',
  );
  expect(await changed('1.9.2', 'replicaAutoBalance', 'best-effort')).toBe(
    'changing replica auto balance for volume vol is not supported for data engine v2',
  );
  expect(await changed('1.10.0', 'encrypted', true)).toBe(
    'changing encryption for volume vol is not supported for data engine v2',
  );
  expect(await changed('1.11.3', 'replicaAutoBalance', 'best-effort')).toBe('accepted');
  // The volume is attached, which is looked at before its replicas are counted.
  expect(await changed('1.11.3', 'dataLocality', 'strict-local')).toBe(
    'data locality cannot be converted between strict-local and other modes when volume is not detached',
  );
  expect(await changed('1.11.3', 'backupBlockSize', '16777216')).toBe(
    'changing backup block size for volume vol is not supported',
  );
});

test('a recurring job is completed, and refused for what cannot be run', async () => {
  await withBench({ version: '1.11.3' }, (bench) => {
    const create = (spec: Record<string, unknown>, name = 'job'): KubeObject =>
      bench.store.create('recurringjobs.longhorn.io', {
        apiVersion: 'longhorn.io/v1beta2',
        kind: 'RecurringJob',
        metadata: { name, namespace: 'longhorn-system' },
        spec,
      });
    expect(create({ task: 'snapshot', cron: '*/5 * * * *' }, 'good').spec).toEqual({
      name: 'good',
      groups: [],
      labels: {},
      parameters: {},
      concurrency: 10,
      retain: 1,
      task: 'snapshot',
      cron: '*/5 * * * *',
    });
    expect(words(() => create({ task: 'snapshot', cron: '* * *' }))).toBe(
      'invalid cron format(* * *): Expected exactly 5 fields, found 3: * * *',
    );
    expect(words(() => create({ task: 'snapshot', cron: '0 0 * * *', retain: 500 }))).toBe(
      'retain value should be less than or equal to 100',
    );
    expect(words(() => create({ task: 'snapshot' }))).toBe(
      'invalid job {Name:job Groups:[] Task:snapshot Cron: Retain:1 Concurrency:10 Labels:map[] Parameters:map[]}',
    );
    expect(words(() => create({ task: 'backup', cron: '@daily', parameters: { colour: 'red' } }))).toBe(
      'failed to validate recurring job backup task parameters: colour:red is not a valid parameter',
    );
  });
});

test('a schedule is read as Longhorn reads it', () => {
  for (const good of ['0 0 * * 0', '*/15 9-17 1,15 jan-jun mon', '@hourly', '@every 1h30m', '5/10 * ? * *'])
    expect(cronFault(good), good).toBeUndefined();
  expect(cronFault('60 * * * *')).toBe('End of range (60) above maximum (59): 60');
  expect(cronFault('5-1 * * * *')).toBe('Beginning of range (5) beyond end of range (1): 5-1');
  expect(cronFault('x * * * *')).toBe('Failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax');
  expect(cronFault('@often')).toBe('Unrecognized descriptor: @often');
});

test('a node that Kubernetes still has cannot be deleted, nor evicted while it takes replicas', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    expect(
      words(() => {
        bench.remove('nodes', 'node1');
      }),
    ).toMatch(
      /^could not delete node node1 with node ready condition is True, reason is .*, node schedulable true, and 0 replica, 0 engine running on it$/,
    );
    const change = (edit: (spec: Node['spec']) => void): string =>
      words(() => {
        bench.change('nodes', 'node1', (draft) => {
          edit(draft.spec);
        });
      });
    expect(change((spec) => (spec['evictionRequested'] = true))).toBe(
      'need to disable scheduling on node node1 for node eviction, or cancel eviction to enable scheduling on this node',
    );
    expect(change((spec) => (spec['tags'] = ['bad tag']))).toMatch(
      /^at least one error encountered while validating tags: name part must consist of/,
    );
    expect(change((spec) => (spec['instanceManagerCPURequest'] = -1))).toBe(
      'instanceManagerCPURequest should be greater than or equal to 0',
    );
    expect(
      change((spec) => {
        const [disk] = Object.values(spec.disks);
        if (disk !== undefined) spec.disks['twin'] = { ...disk, path: `${disk.path}/` };
      }),
    ).toMatch(/^duplicate disk paths on node node1: \[.* \(disks .* and twin\)\]$/);
  });
});
