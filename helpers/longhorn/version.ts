/**
 * Which Longhorn really runs, and whether it has V2 backing images. The version is read from running images, because a
 * manifest's name does not say: the git tag v1.8.0 installs the moving tag `v1.8.x-head`
 * (longhorn:deploy/longhorn.yaml@v1.8.0).
 */
import type { Premise } from './premise.ts';

export interface Release {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** `rc2`, `hotfix-1`; empty for a release. */
  readonly suffix: string;
}

/** The tag of an image reference; undefined for a digest or none. A registry's port is no tag. */
export function imageTag(image: string): string | undefined {
  const withoutDigest = image.split('@')[0] ?? '';
  const lastSegment = withoutDigest.slice(withoutDigest.lastIndexOf('/') + 1);
  const colon = lastSegment.indexOf(':');
  return colon < 0 ? undefined : lastSegment.slice(colon + 1);
}

/** `v1.8.0` → 1.8.0; undefined for moving tags such as `v1.8.x-head` or `master-head`. */
export function parseRelease(tag: string): Release | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-(.+))?$/.exec(tag);
  if (match === null) return undefined;
  const [, major, minor, patch, suffix] = match;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), suffix: suffix ?? '' };
}

/**
 * Whether a rebuild deletes the backing images of every other disk of its node, so that replicas on one node lose theirs:
 * up to 1.8.2 (longhorn/longhorn#10527; longhorn-spdk-engine:pkg/spdk/replica.go RebuildingDstStart@58e9a4c0, 270f3ac4).
 * A tag that names no release is taken for a mended one.
 */
export function rebuildDeletesImagesOfNode(images: Readonly<Record<string, string>>): boolean {
  const release = parseRelease(imageTag(images['instance-manager'] ?? '') ?? '');
  return release !== undefined && release.major === 1 && release.minor <= 8;
}

export type SharedParentKind = 'backing-image' | 'linked-clone';

/**
 * V2 backing images: 1.8.0 to 1.11.x, longhorn-manager:webhook/resources/backingimage/validator.go@v1.12.0. Linked clones
 * whose replicas can be rebuilt: from 1.12.1, longhorn/longhorn#12552.
 */
export function versionWindow(
  images: Readonly<Record<string, string>>,
  sharedParent: SharedParentKind = 'backing-image',
): {
  readonly longhornVersion: string;
  readonly premise: Premise;
} {
  const name =
    sharedParent === 'linked-clone' ? 'Longhorn rebuilds replicas of linked clones' : 'Longhorn has V2 backing images';
  const managerTag = imageTag(images['longhorn-manager'] ?? '') ?? 'unknown';
  const longhornVersion = managerTag.replace(/^v(?=\d)/, '');
  const unmet = (detail: string) => ({ longhornVersion, premise: { name, state: 'unmet', detail } as const });
  const tags = Object.entries(images).map(([component, image]) => `${component} ${imageTag(image) ?? image}`);
  const release = parseRelease(managerTag);
  if (release === undefined) {
    return unmet(`the running images name no release (${tags.join(', ')}): install one by its fixed tag`);
  }
  if (sharedParent === 'linked-clone') {
    const { minor, patch } = release;
    if (release.major < 1 || (release.major === 1 && (minor < 12 || (minor === 12 && patch === 0)))) {
      return unmet(`it does since 1.12.1; this is ${longhornVersion}`);
    }
  } else if (release.major > 1 || (release.major === 1 && release.minor >= 12)) {
    return unmet(`V2 backing images are not supported since Longhorn 1.12.0; this is ${longhornVersion}`);
  }
  if (release.major < 1 || (release.major === 1 && release.minor < 8)) {
    return unmet(`V2 backing images came with Longhorn 1.8.0; this is ${longhornVersion}`);
  }
  const stray = Object.entries(images).find(([, image]) => !sameRelease(release, imageTag(image)));
  if (stray !== undefined) {
    return unmet(`the running images are of different releases (${tags.join(', ')}): wait for the upgrade to end`);
  }
  return { longhornVersion, premise: { name, state: 'met', detail: `running images: ${tags.join(', ')}` } };
}

/**
 * Whether a purge leaves the system snapshot that the head hangs on: until 1.10.1. Later it is merged into the head, and
 * so it is taken to be where the image names no release.
 * Source: longhorn-spdk-engine:pkg/spdk/replica.go SnapshotPurge@3c3113c5, 460b2e7c (longhorn/longhorn#12464).
 */
export function purgeSparesHeadParent(instanceManagerImage: string): boolean {
  const release = parseRelease(imageTag(instanceManagerImage) ?? '');
  if (release === undefined) return false;
  const { major, minor, patch } = release;
  return major < 1 || (major === 1 && (minor < 10 || (minor === 10 && patch < 2)));
}

/** A hotfix or rc suffix may differ between components; the numbers may not. */
function sameRelease(release: Release, tag: string | undefined): boolean {
  const other = tag === undefined ? undefined : parseRelease(tag);
  return other?.major === release.major && other.minor === release.minor && other.patch === release.patch;
}
