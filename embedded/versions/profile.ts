/**
 * What differs between Longhorn releases, as data. A profile includes the release's defects: the embedded cluster at
 * 1.8.0 is wrong where 1.8.0 is wrong.
 */

export type LonghornVersion =
  | '1.8.0'
  | '1.8.1'
  | '1.8.2'
  | '1.9.0-rc2'
  | '1.9.0'
  | '1.9.1'
  | '1.9.2'
  | '1.10.0'
  | '1.10.1'
  | '1.10.2'
  | '1.11.0'
  | '1.11.1'
  | '1.11.2'
  | '1.11.3'
  | '1.12.0'
  | '1.12.1';

/**
 * How the target of a rebuild finds the parent of the oldest snapshot.
 * - `source-lvol-name`: by the source's backing-image lvol name, which carries the source disk's UUID; not found on
 *   another disk, so a blank lvol without parent is made (longhorn/longhorn#10340).
 * - `reported-empty`: the source reports no parent for a backing image, which is taken literally, on the same disk too
 *   (longhorn/longhorn#10909).
 * - `own-backing-image`: the target's own copy of the image.
 */
export type RebuildParentLookup = 'source-lvol-name' | 'reported-empty' | 'own-backing-image';

/**
 * How a rebuild names the parent of an intact snapshot that it uses again (longhorn-spdk-engine:pkg/spdk/replica.go
 * RebuildingDstSnapshotCreate@44753b56, 58e9a4c0, 02814257, da3d062c).
 * - `source-name`: as the source reports it, which no lvol of another disk is called; the right backing image is taken for
 *   a wrong one, and the rebuild fails.
 * - `source-name-when-wrong`: the same, but only where the parent is not right already.
 * - `own-name`: what the target's lvol is called.
 */
export type ReusedParentLookup = 'source-name' | 'source-name-when-wrong' | 'own-name';

export interface DataPlaneProfile {
  readonly rebuildParentLookup: RebuildParentLookup;
  readonly reusedParentLookup: ReusedParentLookup;
  /** The target deletes every other backing image on its disk before a rebuild (longhorn/longhorn#10527). */
  readonly rebuildDeletesOtherBackingImages: boolean;
  /**
   * Who has snapshots hashed: up to 1.8.x the spdk engine at each of its looks every three seconds, whatever the settings
   * say; later the manager. From 1.10.0 on each cluster gets a checksum of its own beside the snapshot's.
   */
  readonly snapshotChecksums: 'every-sync' | 'on-request' | 'on-request-with-ranges';
  /**
   * Whether the purge leaves a system snapshot that the head hangs on, or merges it into the head: the latter from 1.10.2
   * on, longhorn-spdk-engine:pkg/spdk/replica.go SnapshotPurge@3c3113c5, 460b2e7c (longhorn/longhorn#12464).
   */
  readonly purgeOfHeadParent: 'spared' | 'merged';
  /** Whether an intact snapshot is used again only when the manager asks for a fast sync (from 1.11.1), or always. */
  readonly fastSync: 'always' | 'on-request';
  /** Prefix of the backing-image xattrs: `` up to 1.8.x, `longhorn_backing_image_` later. */
  readonly backingImageXattrPrefix: '' | 'longhorn_backing_image_';
}

export interface VersionProfile {
  readonly version: LonghornVersion;
  readonly dataPlane: DataPlaneProfile;
  /** From 1.12.0 creating one is refused with `v2 backing image is not supported`. */
  readonly v2BackingImages: 'served' | 'refused';
  /** From 1.12.1 a linked clone hangs on an entrypoint lvol, and its replicas are rebuilt (longhorn/longhorn#12552). */
  readonly linkedClones: 'absent' | 'entrypoint';
  readonly v1beta1: 'served' | 'absent';
  /** Engine-specific settings: plain values, or JSON objects of strings per engine (from 1.10). */
  readonly settingFormat: 'plain' | 'per-engine-json';
  /** Which replicas count as available when one is deleted, and the words of the refusal (facts §2.4). */
  readonly replicaDeleteRule: 'healthy-at' | 'healthy-and-not-failed';
  /** Where V2 names the rebuild's source: one address, or the list (from 1.11). */
  readonly rebuildSourceField: 'fromReplicaAddress' | 'fromReplicaAddressList';
  readonly backingImageManagerName: 'hash-and-disk-prefix' | 'sha256' | 'sha224';
  readonly backingImageImmutability: 'webhook' | 'cel';
  readonly engineFrontends: 'absent' | 'present';
  readonly images: LonghornImages;
  /** Words of `…volume frontend specified…`: from 1.9.0 they name the data engine. */
  readonly frontendMessage: 'frontend-only' | 'frontend-and-engine';
  readonly v1Frontends: readonly string[];
  readonly v2Frontends: readonly string[];
  /** Whether a replica waits for the first V2 copy of its image (from 1.10.0, longhorn/longhorn#11762). */
  readonly replicaWaitsForFirstCopy: boolean;
  /** Whether 1.12's check of a download URL (scheme, no loopback address) is there. */
  readonly downloadUrlCheck: 'parameter-only' | 'url';
}

/** The images of a release, as its own settings name them. */
export interface LonghornImages {
  readonly manager: string;
  readonly engine: string;
  readonly instanceManager: string;
  readonly backingImageManager: string;
  readonly shareManager: string;
  readonly supportBundleKit: string;
  readonly ui: string;
  readonly csi: Readonly<
    Record<'attacher' | 'provisioner' | 'resizer' | 'snapshotter' | 'registrar' | 'livenessprobe', string>
  >;
}

const order: readonly LonghornVersion[] = [
  '1.8.0',
  '1.8.1',
  '1.8.2',
  '1.9.0-rc2',
  '1.9.0',
  '1.9.1',
  '1.9.2',
  '1.10.0',
  '1.10.1',
  '1.10.2',
  '1.11.0',
  '1.11.1',
  '1.11.2',
  '1.11.3',
  '1.12.0',
  '1.12.1',
];

/**
 * Whether a release lies in an inclusive range, open where a side is missing: `1.9.0..`, `..1.11.3`,
 * `1.10.0..1.10.2`.
 */
export function isInVersionRange(version: LonghornVersion, range: string): boolean {
  const [from = '', to = ''] = range.split('..');
  const index = order.indexOf(version);
  const bound = (text: string, open: number): number => (isKnownLonghornVersion(text) ? order.indexOf(text) : open);
  return index >= bound(from, 0) && index <= bound(to, order.length - 1);
}

export const defaultLonghornVersion: LonghornVersion = '1.11.3';

/** All versions that have a profile, oldest first. */
export function knownLonghornVersions(): readonly LonghornVersion[] {
  return order;
}

export function isKnownLonghornVersion(text: string): text is LonghornVersion {
  return (order as readonly string[]).includes(text);
}

/** Sources: longhorn-facts §0 (version map), §1, §2.4, §5.5, §5.6, §7.1. */
export function versionProfile(version: LonghornVersion): VersionProfile {
  const at = (other: LonghornVersion): boolean => order.indexOf(version) >= order.indexOf(other);
  const lookup: RebuildParentLookup =
    version === '1.8.0' ? 'source-lvol-name' : version === '1.9.0-rc2' ? 'reported-empty' : 'own-backing-image';
  return {
    version,
    dataPlane: {
      rebuildParentLookup: lookup,
      reusedParentLookup: at('1.9.2') ? 'own-name' : at('1.9.0-rc2') ? 'source-name-when-wrong' : 'source-name',
      rebuildDeletesOtherBackingImages: !at('1.9.0-rc2'),
      snapshotChecksums: at('1.10.0') ? 'on-request-with-ranges' : at('1.9.0-rc2') ? 'on-request' : 'every-sync',
      purgeOfHeadParent: at('1.10.2') ? 'merged' : 'spared',
      fastSync: at('1.11.1') ? 'on-request' : 'always',
      backingImageXattrPrefix: at('1.9.0-rc2') ? 'longhorn_backing_image_' : '',
    },
    v2BackingImages: at('1.12.0') ? 'refused' : 'served',
    linkedClones: at('1.12.1') ? 'entrypoint' : 'absent',
    v1beta1: at('1.9.0-rc2') ? 'absent' : 'served',
    settingFormat: at('1.10.0') ? 'per-engine-json' : 'plain',
    replicaDeleteRule: at('1.10.0') ? 'healthy-and-not-failed' : 'healthy-at',
    rebuildSourceField: at('1.11.0') ? 'fromReplicaAddressList' : 'fromReplicaAddress',
    backingImageManagerName: at('1.11.0') ? 'sha224' : at('1.10.0') ? 'sha256' : 'hash-and-disk-prefix',
    backingImageImmutability: at('1.11.0') ? 'cel' : 'webhook',
    engineFrontends: at('1.12.0') ? 'present' : 'absent',
    images: imagesOf(version, at),
    frontendMessage: at('1.9.0-rc2') ? 'frontend-and-engine' : 'frontend-only',
    v1Frontends: at('1.9.0-rc2') ? ['blockdev', 'iscsi'] : ['blockdev', 'iscsi', 'nvmf'],
    v2Frontends: at('1.9.0-rc2') ? ['blockdev', 'nvmf', 'ublk'] : ['blockdev', 'iscsi', 'nvmf'],
    replicaWaitsForFirstCopy: at('1.10.0'),
    downloadUrlCheck: at('1.12.1') ? 'url' : 'parameter-only',
  };
}

/**
 * Tags of what is not numbered like Longhorn are those of 1.8.1 and 1.11.3, the bundle kit's of 1.12.1 as well. Source:
 * longhorn-facts §8.
 */
function imagesOf(version: LonghornVersion, at: (other: LonghornVersion) => boolean): LonghornImages {
  const registry = at('1.12.0') ? 'docker.io/' : '';
  const image = (name: string): string => `${registry}longhornio/${name}:v${version}`;
  const sidecar = (name: string, oldTag: string, newTag: string): string =>
    `${registry}longhornio/${name}:${at('1.11.0') ? newTag : oldTag}`;
  return {
    manager: image('longhorn-manager'),
    engine: image('longhorn-engine'),
    instanceManager: image('longhorn-instance-manager'),
    backingImageManager: image('backing-image-manager'),
    shareManager: image('longhorn-share-manager'),
    ui: image('longhorn-ui'),
    supportBundleKit: sidecar('support-bundle-kit', 'v0.0.52', at('1.12.0') ? 'v0.0.92' : 'v0.0.88'),
    csi: {
      attacher: sidecar('csi-attacher', 'v4.8.1', 'v4.12.0'),
      provisioner: sidecar('csi-provisioner', 'v5.2.0', 'v6.3.0'),
      resizer: sidecar('csi-resizer', 'v1.13.2', 'v2.2.0'),
      snapshotter: sidecar('csi-snapshotter', 'v8.2.0', 'v8.6.0'),
      registrar: sidecar('csi-node-driver-registrar', 'v2.13.0', 'v2.17.0'),
      livenessprobe: sidecar('livenessprobe', 'v2.15.0', 'v2.19.0'),
    },
  };
}
