/**
 * What the scenario relies on when it changes settings and volumes of Longhorn, each claim with its source. One file, and
 * so one after another: a cluster has each setting only once.
 */
import { configMaps, persistentVolumeClaims, pods, storageClasses } from '../../helpers/kubernetes/core-kinds.ts';
import { Belonging } from '../../helpers/kubernetes/belonging.ts';
import { instanceManagers, replicas, settings } from '../../helpers/longhorn/kinds.ts';
import { isolateReplica, replenishmentSetting } from '../../helpers/longhorn/isolation.ts';
import { readLvolTree } from '../../helpers/longhorn/lvol-tree.ts';
import { readSnapshotObjects } from '../../helpers/longhorn/snapshot-objects.ts';
import { snapshotTree } from '../../helpers/longhorn/snapshot-tree.ts';
import { blockClaimManifest, provisioner } from '../../helpers/longhorn/manifests.ts';
import { deleteReplica, waitUntilRebuilt } from '../../helpers/longhorn/rebuild.ts';
import { journalManifest, SettingsJournal } from '../../helpers/longhorn/settings-journal.ts';
import { readSetting, restoreSetting, valueForV2 } from '../../helpers/longhorn/settings.ts';
import { adoptSubject, livingReplicas, readPlacements, readSubject } from '../../helpers/longhorn/subject.ts';
import { sweep } from '../../helpers/longhorn/sweep.ts';
import { purgeSparesHeadParent } from '../../helpers/longhorn/version.ts';
import {
  waitUntilHealthy,
  waitUntilReplenished,
  waitUntilSettled,
  waitUntilVolumeGone,
} from '../../helpers/longhorn/volume-waits.ts';
import { expect, from, test } from './target.ts';

const timeoutMs = 300_000;

test(
  'settings are there beforehand, and can be changed and put back',
  from('longhorn-manager:types/setting.go@v1.11.3'),
  async ({ client, target }) => {
    const namespace = target.longhornNamespace;
    const original = await readSetting(client, namespace, replenishmentSetting);
    expect(Number(valueForV2(original ?? ''))).toBeGreaterThan(0);
    const change = { name: replenishmentSetting, original: original ?? '', changedTo: '4' };
    await client.patch(settings, { namespace, name: replenishmentSetting }, { merge: { value: '4' } });
    expect(await restoreSetting({ client, namespace, change })).toBe('restored');
    expect(await readSetting(client, namespace, replenishmentSetting)).toBe(original);
  },
);

test(
  'a setting that a dead run changed is put back from its journal by a sweep',
  from('longhorn-manager:types/setting.go@v1.11.3'),
  async ({ client, target, workspace }) => {
    const namespace = target.longhornNamespace;
    const runId = `${workspace.slice(-8)}-dead`;
    const original = await readSetting(client, namespace, replenishmentSetting);
    const configMap = await client.createOwned(configMaps, runId, journalManifest(`journal-${runId}`, workspace));
    const journal = new SettingsJournal(client, namespace, configMap);
    await journal.change(replenishmentSetting, '0');
    expect(await readSetting(client, namespace, replenishmentSetting)).toBe('0');
    const lines: string[] = [];
    const onLine = ({ what, outcome }: { what: string; outcome: string }): void => {
      lines.push(`${outcome} ${what}`);
    };
    expect(await sweep({ client, runId, longhornNamespace: namespace, mode: 'dry-run', timeoutMs, onLine })).toEqual(
      [],
    );
    expect(await readSetting(client, namespace, replenishmentSetting)).toBe('0');
    expect(await sweep({ client, runId, longhornNamespace: namespace, mode: 'sweep', timeoutMs, onLine })).toEqual([]);
    expect(await readSetting(client, namespace, replenishmentSetting)).toBe(original);
    expect(lines).toContain(`restored setting ${replenishmentSetting} to ${original ?? ''}`);
  },
);

test(
  'a setting that somebody else has changed since is left alone',
  from('longhorn-manager:types/setting.go@v1.11.3'),
  async ({ client, target, undo }) => {
    const namespace = target.longhornNamespace;
    const original = (await readSetting(client, namespace, replenishmentSetting)) ?? '';
    const set = async (value: string): Promise<void> => {
      await client.patch(settings, { namespace, name: replenishmentSetting }, { merge: { value } });
    };
    undo.push({ what: 'the setting', scene: 'never part', undo: () => set(original) });
    await set('3');
    const change = { name: replenishmentSetting, original, changedTo: '0' };
    expect(await restoreSetting({ client, namespace, change })).toBe('changed by others');
    expect(await readSetting(client, namespace, replenishmentSetting)).toBe('3');
  },
);

test(
  'a V2 volume is provisioned, attached, rebuilt after the deletion of a replica, isolated and deleted',
  from(
    'longhorn-manager:csi/controller_server.go@v1.11.3',
    'longhorn-manager:controller/volume_controller.go@v1.11.3',
    'longhorn-manager:controller/engine_controller.go@v1.11.3',
    'longhorn-manager:webhook/resources/replica/validator.go@v1.8.1 and @v1.11.3',
  ),
  async ({ client, create, target, workspace, runId }) => {
    test.setTimeout(20 * 60_000);
    const { longhornNamespace } = target;
    const name = `contract-${runId}`;
    await create(storageClasses, {
      metadata: { name },
      provisioner,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
      parameters: { dataEngine: 'v2', numberOfReplicas: '2', staleReplicaTimeout: '2880' },
    });
    const sizeBytes = 32 * 2 ** 20;
    const claim = await create(
      persistentVolumeClaims,
      blockClaimManifest({ name, namespace: workspace, storageClass: name, sizeBytes }),
    );
    // longhorn-manager:csi/controller_server.go@v1.11.3: the volume's name is the handle
    const subject = await adoptSubject(client, claim, { longhornNamespace, timeoutMs });
    const { items } = await client.list(instanceManagers, { namespace: longhornNamespace });
    const node =
      items.find(({ spec, status }) => spec.dataEngine === 'v2' && status?.currentState === 'running')?.spec.nodeID ??
      '';
    const pod = await create(pods, {
      metadata: { name, namespace: workspace },
      spec: {
        nodeName: node,
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 1,
        imagePullSecrets: target.imagePullSecrets,
        containers: [
          {
            name: 'main',
            image: target.podImage,
            command: ['node', '-e', 'setInterval(() => {}, 1 << 30)'],
            volumeDevices: [{ name: 'subject', devicePath: '/dev/subject' }],
          },
        ],
        volumes: [{ name: 'subject', persistentVolumeClaim: { claimName: name } }],
      },
    });

    const healthy = await waitUntilHealthy(client, subject, { node, timeoutMs });
    expect(healthy.replicas).toHaveLength(2);
    const placements = await readPlacements(client, subject);
    expect(new Set(placements.map(({ diskUuid }) => diskUuid)).size).toBe(2);

    await test.step('a rebuild is proven by a new name, on a disk that is told', async () => {
      const [first] = livingReplicas(healthy);
      const before = await deleteReplica(client, subject, first?.metadata.name ?? '');
      const proof = await waitUntilRebuilt(client, subject, before, { timeoutMs });
      expect(placements.map(({ replica }) => replica)).not.toContain(proof.rebuilt.replica);
      expect(proof.rebuilt.diskUuid).not.toBe('');
      const settled = await waitUntilSettled(client, subject, { timeoutMs });
      const image = settled.engines[0]?.status?.currentImage ?? '';
      expect(image).toContain('instance-manager');
      // longhorn-manager:controller/engine_controller.go@v1.11.3: one Snapshot object per engine snapshot
      const left = purgeSparesHeadParent(image) ? [expect.stringMatching(/^rebuild-[0-9a-f]{8}$/)] : [];
      const tree = await readLvolTree(client, longhornNamespace);
      if (tree.kind === 'unreadable') throw new Error(tree.reason);
      const trees = (await readPlacements(client, subject)).map((placement) => snapshotTree(placement, tree.lvols));
      expect((await readSnapshotObjects(client, subject, trees)).map(({ name }) => name)).toEqual(left);
    });

    await test.step('with replenishment off one replica is left alone, and the last one cannot be deleted', async () => {
      const configMap = await create(configMaps, journalManifest('settings', workspace));
      const journal = new SettingsJournal(client, longhornNamespace, configMap);
      const restore = await journal.change(replenishmentSetting, '0');
      const keep = livingReplicas(await readSubject(client, subject))[0];
      if (keep === undefined) throw new Error('no replica is left');
      const onDeleted = (): void => undefined;
      await isolateReplica(client, subject, { keep: keep.metadata.name, timeoutMs, onDeleted });
      await expect(deleteReplica(client, subject, keep.metadata.name)).rejects.toThrow(/no healthy one/);
      // longhorn-manager:webhook/resources/replica/validator.go@v1.8.1 and @v1.11.3
      const owned = await client.adopt(subject.volume, Belonging.byOwnerReference, replicas, keep);
      await expect(client.delete(owned)).rejects.toThrow(
        /only has one available replica|no other healthy replica available/,
      );
      await restore(client);
      await waitUntilReplenished(client, subject, { timeoutMs });
    });

    await client.delete(pod);
    await client.delete(claim);
    await waitUntilVolumeGone(client, subject, { timeoutMs });
  },
);
