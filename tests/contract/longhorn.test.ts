/** What the scenario relies on from an installed Longhorn, each claim with its source. */
import { csiDrivers, csiNodes, pods } from '../../helpers/kubernetes/core-kinds.ts';
import type { AnyKind } from '../../helpers/kubernetes/resource.ts';
import { v2Nodes } from '../../helpers/longhorn/checks/release.ts';
import { listDisks } from '../../helpers/longhorn/disks.ts';
import { readEnvironment } from '../../helpers/longhorn/environment.ts';
import {
  backingImages,
  engines,
  instanceManagers,
  longhornNodes,
  replicas,
  settings,
  snapshots,
  volumes,
} from '../../helpers/longhorn/kinds.ts';
import { readLvolTree } from '../../helpers/longhorn/lvol-tree.ts';
import { provisioner } from '../../helpers/longhorn/manifests.ts';
import { versionWindow } from '../../helpers/longhorn/version.ts';
import { expect, from, test } from './target.ts';

test(
  'the custom resources are served as v1beta2',
  from('longhorn-manager:k8s/crds.yaml@v1.11.3'),
  async ({ client, target }) => {
    const group = JSON.parse(await client.raw('/apis/longhorn.io/v1beta2')) as { resources: { name: string }[] };
    const served = group.resources.map(({ name }) => name);
    const needed: readonly AnyKind[] = [
      volumes,
      engines,
      replicas,
      backingImages,
      settings,
      snapshots,
      instanceManagers,
    ];
    expect(served).toEqual(expect.arrayContaining(needed.map(({ plural }) => plural)));
    for (const kind of needed) await client.list(kind, { namespace: target.longhornNamespace });
  },
);

test(
  'running images name a release, or the version window says why not',
  from('longhorn:deploy/longhorn.yaml@v1.11.3', 'longhorn-manager:webhook/resources/backingimage/validator.go@v1.12.0'),
  async ({ client, target }) => {
    const environment = await readEnvironment(client, target.longhornNamespace);
    expect(environment.nodes.length).toBeGreaterThan(0);
    expect(versionWindow(environment.images).premise.detail).toMatch(/\d+\.\d+\.\d+|no release/);
  },
);

test(
  'disks show their type, UUID and lvstore name',
  from('longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/node.go@v1.11.3'),
  async ({ client, target }) => {
    const block = (await listDisks(client, target.longhornNamespace)).filter(({ type }) => type === 'block');
    expect(block.length).toBeGreaterThan(0);
    for (const { uuid, name } of block) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      expect(name).not.toBe('');
    }
  },
);

test(
  'the CSI driver is registered, with the cluster and on every node that can attach a V2 volume',
  from(
    'longhorn-manager:types/types.go@v1.11.3',
    'longhorn-manager:csi/deployment.go@v1.11.3',
    'kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-node-v1',
  ),
  async ({ client, target }) => {
    await client.get(csiDrivers, { name: provisioner });
    const { items } = await client.list(csiNodes);
    const registered = items
      .filter(({ spec }) => spec.drivers?.some(({ name }) => name === provisioner) === true)
      .map(({ metadata }) => metadata.name);
    expect(registered).toEqual(expect.arrayContaining(await v2Nodes(client, target.longhornNamespace)));
  },
);

test(
  'nodes tell whether their hosts have what Longhorn needs',
  from('longhorn-manager:controller/monitor/environment_check_monitor.go@v1.11.3'),
  async ({ client, target }) => {
    const { items } = await client.list(longhornNodes, { namespace: target.longhornNamespace });
    expect(items.length).toBeGreaterThan(0);
    for (const { status } of items) {
      const types = status?.conditions?.map(({ type }) => type);
      expect(types).toEqual(
        expect.arrayContaining(['Ready', 'Schedulable', 'KernelModulesLoaded', 'RequiredPackages']),
      );
    }
  },
);

test(
  'pods of V2 instance managers are found by their labels, and are named like their objects',
  from('longhorn-manager:types/types.go@v1.11.3', 'longhorn-manager:controller/instance_manager_controller.go@v1.11.3'),
  async ({ client, target }) => {
    const namespace = target.longhornNamespace;
    const labelSelector = 'longhorn.io/component=instance-manager,longhorn.io/data-engine=v2';
    const found = (await client.list(pods, { namespace, labelSelector })).items;
    const objects = (await client.list(instanceManagers, { namespace })).items.filter(
      ({ spec, status }) => spec.dataEngine === 'v2' && status?.currentState === 'running',
    );
    expect(objects.length).toBeGreaterThan(0);
    expect(found.map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(objects.map(({ metadata }) => metadata.name)),
    );
    for (const { spec } of found) expect(spec.containers.map(({ name }) => name)).toContain('instance-manager');
  },
);

test(
  'the admission webhook refuses a backing image with a checksum that is none',
  from('longhorn-manager:webhook/resources/backingimage/validator.go@v1.11.3'),
  async ({ create, target, runId }) => {
    const refused = create(backingImages, {
      metadata: { name: `bad-${runId}`, namespace: target.longhornNamespace },
      spec: {
        dataEngine: 'v1',
        sourceType: 'download',
        sourceParameters: { url: 'http://x.example/i' },
        checksum: 'zz',
      },
    });
    await expect(refused).rejects.toMatchObject({ statusCode: 422 });
    await expect(refused).rejects.toThrow(
      'admission webhook "validator.longhorn.io" denied the request: invalid checksum',
    );
  },
);

test(
  'the V2 instance managers show their lvols through go-spdk-helper',
  from('longhorn-instance-manager:package/Dockerfile@v1.11.3', 'go-spdk-helper:app/cmd'),
  async ({ client, target }) => {
    const tree = await readLvolTree(client, target.longhornNamespace);
    expect(tree).toMatchObject({ kind: 'read' });
  },
);
