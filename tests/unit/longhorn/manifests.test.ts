import { expect, test } from '@playwright/test';
import { podManifest } from '../../../fixtures/probe-pods.ts';
import { blockClaimManifest, storageClassManifest } from '../../../helpers/longhorn/manifests.ts';

interface PodSpec {
  readonly containers: readonly {
    readonly volumeMounts: readonly { readonly name: string }[];
    readonly volumeDevices?: readonly { readonly name: string; readonly devicePath: string }[];
    readonly args?: readonly string[];
    readonly command: readonly string[];
  }[];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
}

const request = {
  name: 'probe',
  namespace: 'ns',
  image: 'node',
  pullSecrets: [],
  filesConfigMap: 'files',
  args: ['idle'],
};

test('the subject is a raw block device: no manifest gives it a filesystem, a mount or mount options', () => {
  const claim = blockClaimManifest({ name: 'subject', namespace: 'ns', storageClass: 'class', sizeBytes: 2 ** 25 });
  expect(claim['spec']).toMatchObject({ volumeMode: 'Block' });
  const storageClass = storageClassManifest({ name: 'class', replicaCount: 2, backingImage: 'image' });
  expect(Object.keys(storageClass)).not.toContain('mountOptions');
  expect(Object.keys(storageClass['parameters'] as object).filter((name) => /fs|mkfs/i.test(name))).toEqual([]);
});

test('a probe pod has the claim as a device and mounts the probe alone: whatever the image holds, nobody mounts it', () => {
  const { containers, volumes } = podManifest({ ...request, claim: 'subject' })['spec'] as PodSpec;
  const [container, ...others] = containers;
  expect(others).toEqual([]);
  expect(container?.volumeDevices).toEqual([{ name: 'subject', devicePath: '/dev/v2-verifier' }]);
  expect(container?.volumeMounts.map(({ name }) => name)).toEqual(['verifier']);
  expect(volumes).toEqual([
    { name: 'verifier', configMap: { name: 'files' } },
    { name: 'subject', persistentVolumeClaim: { claimName: 'subject' } },
  ]);
});

test('a probe pod sees no device but that of its claim, and has no right to mount one', () => {
  const text = JSON.stringify(podManifest({ ...request, claim: 'subject' }));
  for (const word of ['privileged', 'hostPath', 'hostPID', 'capabilities', 'SYS_ADMIN', 'mountPropagation']) {
    expect(text).not.toContain(word);
  }
});

test('one node at a time has the subject, so that nobody writes beside the probe', () => {
  const claim = blockClaimManifest({ name: 'subject', namespace: 'ns', storageClass: 'class', sizeBytes: 2 ** 25 });
  expect(claim['spec']).toMatchObject({ accessModes: ['ReadWriteOnce'] });
});
