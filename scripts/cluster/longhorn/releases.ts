/**
 * The images of each Longhorn release, with fixed tags. A release's own chart or manifest is not believed for them: the
 * git tag v1.8.0 names `v1.8.x-head` in its chart, its manifest and its image list, which today is a build that has the fix
 * of longhorn/longhorn#10340.
 * Source: longhorn/longhorn:deploy/longhorn-images.txt at each tag; for 1.8.0 at cac4e5c1 ("release: v1.8.0"), the last
 * commit before the tag.
 */
import { UsageError } from '../../command-line/usage-error.ts';

/** Tags of the images that are not numbered like Longhorn: CSI sidecars and the support bundle kit. */
type SidecarTags = readonly [
  attacher: string,
  provisioner: string,
  resizer: string,
  snapshotter: string,
  registrar: string,
  livenessProbe: string,
  supportBundleKit: string,
];

const sidecarTags = {
  '1.8.0': ['v4.8.0', 'v5.1.0-20241220', 'v1.13.1', 'v8.2.0', 'v2.13.0', 'v2.15.0', 'v0.0.49'],
  '1.8.1': ['v4.8.1', 'v5.2.0', 'v1.13.2', 'v8.2.0', 'v2.13.0', 'v2.15.0', 'v0.0.52'],
  '1.8.2': ['v4.9.0', 'v5.3.0', 'v1.13.2', 'v8.2.0', 'v2.14.0', 'v2.16.0', 'v0.0.56'],
  '1.9.0-rc2': ['v4.8.1', 'v5.2.0', 'v1.13.2', 'v8.2.0', 'v2.13.0', 'v2.15.0', 'v0.0.54'],
  '1.9.0': ['v4.8.1', 'v5.2.0', 'v1.13.2', 'v8.2.0', 'v2.13.0', 'v2.15.0', 'v0.0.55'],
  '1.9.1': [
    'v4.9.0-20250709',
    'v5.3.0-20250709',
    'v1.14.0-20250709',
    'v8.3.0-20250709',
    'v2.14.0-20250709',
    'v2.16.0-20250709',
    'v0.0.61',
  ],
  '1.9.2': [
    'v4.9.0-20250709',
    'v5.3.0-20250709',
    'v1.14.0-20250709',
    'v8.3.0-20250709',
    'v2.14.0-20250709',
    'v2.16.0-20250709',
    'v0.0.69',
  ],
  '1.10.0': [
    'v4.9.0-20250826',
    'v5.3.0-20250826',
    'v1.14.0-20250826',
    'v8.3.0-20250826',
    'v2.14.0-20250826',
    'v2.16.0-20250826',
    'v0.0.69',
  ],
  '1.10.1': [
    'v4.10.0-20251030',
    'v5.3.0-20251030',
    'v1.14.0-20251030',
    'v8.4.0-20251030',
    'v2.15.0-20251030',
    'v2.17.0-20251030',
    'v0.0.71',
  ],
  '1.10.2': [
    'v4.10.0-20251226',
    'v5.3.0-20251226',
    'v1.14.0-20260119',
    'v8.4.0-20251226',
    'v2.15.0-20251226',
    'v2.17.0-20251226',
    'v0.0.79',
  ],
  '1.11.0': [
    'v4.10.0-20251226',
    'v5.3.0-20251226',
    'v2.0.0-20251226',
    'v8.4.0-20251226',
    'v2.15.0-20251226',
    'v2.17.0-20251226',
    'v0.0.79',
  ],
  '1.11.1': ['v4.11.0', 'v5.3.0-20260225', 'v2.1.0', 'v8.5.0', 'v2.16.0', 'v2.18.0', 'v0.0.81'],
  '1.11.2': [
    'v4.11.0-20260428',
    'v5.3.0-20260428',
    'v2.1.0-20260428',
    'v8.5.0-20260428',
    'v2.16.0-20260428',
    'v2.18.0-20260428',
    'v0.0.84',
  ],
  '1.11.3': ['v4.12.0', 'v6.3.0', 'v2.2.0', 'v8.6.0', 'v2.17.0', 'v2.19.0', 'v0.0.88'],
  '1.12.0': ['v4.12.0', 'v5.3.0-20260514', 'v2.1.0-20260514', 'v8.5.0-20260514', 'v2.17.0', 'v2.19.0', 'v0.0.86'],
  '1.12.1': ['v4.12.0', 'v5.3.0', 'v2.2.1', 'v8.6.0', 'v2.17.0', 'v2.19.0', 'v0.0.92'],
} satisfies Readonly<Record<string, SidecarTags>>;

export type InstallableVersion = keyof typeof sidecarTags;

export const installableVersions = Object.keys(sidecarTags) as readonly InstallableVersion[];

/** Reads a version that can be installed, with or without a leading `v`. Throws `UsageError`. */
export function parseInstallableVersion(text: string): InstallableVersion {
  const version = text.replace(/^v/, '');
  const found = installableVersions.find((known) => known === version);
  if (found === undefined) {
    throw new UsageError(
      `--longhorn wants one of ${installableVersions.join(', ')}, whose images are known by fixed tags, got "${text}"`,
    );
  }
  return found;
}

/** An image without its registry. */
export interface PinnedImage {
  readonly repository: string;
  readonly tag: string;
}

/** By the keys under which Longhorn's chart knows them (longhorn/longhorn:chart/values.yaml, the same 1.8.0 to 1.12.1). */
export interface ReleaseImages {
  readonly longhorn: Readonly<
    Record<
      'engine' | 'manager' | 'ui' | 'instanceManager' | 'shareManager' | 'backingImageManager' | 'supportBundleKit',
      PinnedImage
    >
  >;
  readonly csi: Readonly<
    Record<
      'attacher' | 'provisioner' | 'nodeDriverRegistrar' | 'resizer' | 'snapshotter' | 'livenessProbe',
      PinnedImage
    >
  >;
}

export function releaseImages(version: InstallableVersion): ReleaseImages {
  const [attacher, provisioner, resizer, snapshotter, registrar, livenessProbe, kit]: SidecarTags =
    sidecarTags[version];
  const image = (name: string, tag = `v${version}`): PinnedImage => ({ repository: `longhornio/${name}`, tag });
  return {
    longhorn: {
      engine: image('longhorn-engine'),
      manager: image('longhorn-manager'),
      ui: image('longhorn-ui'),
      instanceManager: image('longhorn-instance-manager'),
      shareManager: image('longhorn-share-manager'),
      backingImageManager: image('backing-image-manager'),
      supportBundleKit: image('support-bundle-kit', kit),
    },
    csi: {
      attacher: image('csi-attacher', attacher),
      provisioner: image('csi-provisioner', provisioner),
      nodeDriverRegistrar: image('csi-node-driver-registrar', registrar),
      resizer: image('csi-resizer', resizer),
      snapshotter: image('csi-snapshotter', snapshotter),
      livenessProbe: image('livenessprobe', livenessProbe),
    },
  };
}

/** References of all images of a release, as nodes pull them: from `registry`, or from Docker Hub. */
export function imageReferences(version: InstallableVersion, registry: string | undefined): readonly string[] {
  const { longhorn, csi } = releaseImages(version);
  const prefix = registry ?? 'docker.io';
  return [...Object.values(longhorn), ...Object.values(csi)].map(
    ({ repository, tag }) => `${prefix}/${repository}:${tag}`,
  );
}
