/** Webhooks of settings and nodes (longhorn-manager:webhook/resources@v1.8.0..v1.12.1). */
import { expect, test } from '@playwright/test';
import type { DiskSpec } from '../../../embedded/controlplane/longhorn/model/node.ts';
import { healthyVolume } from './bench-objects.ts';
import { withBench } from './longhorn-bench.ts';
import { denied, refusal } from './refusal.ts';

test('unknown settings are refused by the mutator, known ones cannot be deleted', async () => {
  await withBench({}, (bench) => {
    const unknown = refusal(() => bench.create('Setting', 'settings', 'no-such-setting', { value: '1' }));
    expect(unknown.message).toBe(denied('setting no-such-setting does not exist', 'mutator'));
    const remove = refusal(() => {
      bench.remove('settings', 'auto-salvage');
    });
    expect(remove.message).toBe(denied('setting auto-salvage can be modified but not deleted'));
  });
});

test('V2 needs hugepages on every node, and cannot be turned off under attached volumes', async () => {
  await withBench({ v2Enabled: false, hugepages: '1536Mi' }, (bench) => {
    const error = refusal(() => {
      bench.change('settings', 'v2-data-engine', (draft) => {
        draft.value = 'true';
      });
    });
    expect(error.message).toBe(
      denied(
        'failed to validate setting v2-data-engine with invalid value true: not enough hugepages-2Mi capacity for node node1, requested 2Gi, capacity 1536Mi',
      ),
    );
  });
  await withBench({}, async (bench) => {
    await healthyVolume(bench, 'vol1');
    const error = refusal(() => {
      bench.change('settings', 'v2-data-engine', (draft) => {
        draft.value = 'false';
      });
    });
    expect(error.message).toContain(
      'cannot apply v2-data-engine setting to Longhorn workloads when there are attached v2 volumes',
    );
  });
});

test('a plain value of a per-engine setting counts for all its engines', async () => {
  await withBench({ version: '1.11.3' }, (bench) => {
    bench.change('settings', 'default-replica-count', (draft) => {
      draft.value = '2';
    });
    expect(bench.expectObject('settings', 'default-replica-count').value).toBe('{"v1":"2","v2":"2"}');
    const error = refusal(() => {
      bench.change('settings', 'default-replica-count', (draft) => {
        draft.value = '{"v1":"2","v2":"21"}';
      });
    });
    expect(error.message).toContain('value 21 for data engine v2 should be less than or equal to 20');
  });
});

test('disks of a node are guarded', async () => {
  await withBench({}, (bench) => {
    const refuse = (edit: (disks: Record<string, Partial<DiskSpec>>) => void): string =>
      refusal(() => {
        bench.change('nodes', 'node1', (draft) => {
          edit(draft.spec.disks);
        });
      }).message;
    expect(refuse((disks) => Reflect.deleteProperty(disks, 'block-disk'))).toBe(
      denied(
        'Delete Disk on node block-disk error: Please disable the disk /dev/sdb and remove all replicas and backing images first ',
      ),
    );
    expect(refuse((disks) => (disks['default-disk'] = { ...disks['default-disk'], diskDriver: 'aio' }))).toBe(
      denied('disk default-disk type filesystem is not supported to specify disk driver'),
    );
    expect(refuse((disks) => (disks['default-disk'] = { ...disks['default-disk'], diskType: 'block' }))).toContain(
      'type is not allow to change',
    );
  });
});

test('a block disk is refused while V2 is off', async () => {
  await withBench({ v2Enabled: false }, (bench) => {
    const error = refusal(() => {
      bench.change('nodes', 'node1', (draft) => {
        draft.spec.disks['new'] = { diskType: 'block', path: '/dev/sdx', allowScheduling: true } as DiskSpec;
      });
    });
    expect(error.message).toContain('(/dev/sdx) is a block device, but the SPDK feature is not enabled');
  });
});
