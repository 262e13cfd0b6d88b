import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { PodPaths } from '../../../runtime/contract.ts';
import type { ClusterContext } from '../context.ts';
import type { Container, Pod, PodVolume } from '../objects/pod.ts';
import type { PersistentVolume } from '../objects/storage.ts';
import { attachmentName } from '../storage/names.ts';
import { MountError, volumeFiles, writeVolumeFiles } from './volume-files.ts';

/** What a volume of a pod is on this machine. */
type VolumeTarget = { kind: 'directory'; path: string } | { kind: 'device'; uri: string };

type VolumeAttempt =
  | { kind: 'ready'; target: VolumeTarget }
  /** Nothing is wrong, the attachment is under way. */
  | { kind: 'attaching' }
  | { kind: 'failed'; message: string };

export interface PodVolumesOptions {
  context: ClusterContext;
  /** The pod's own directory. */
  directory: string;
  /** The cluster's directory, below which hostPath volumes may point. */
  clusterDirectory: string;
}

/** The volume behind a claim of the pod. Throws MountError when there is none (yet). */
function claimedVolume(context: ClusterContext, pod: Pod, claimName: string): PersistentVolume {
  const { claims, volumes } = context.resources;
  const where = `PVC ${pod.metadata.namespace}/${claimName}`;
  const claim = claims.get(claimName, pod.metadata.namespace);
  if (claim === undefined) {
    throw new MountError(
      `error processing ${where}: failed to fetch PVC from API server: persistentvolumeclaims "${claimName}" not found`,
    );
  }
  if (claim.status?.phase !== 'Bound' || claim.spec.volumeName === undefined) {
    throw new MountError(`error processing ${where}: PVC is not bound`);
  }
  const volume = volumes.get(claim.spec.volumeName);
  if (volume === undefined) {
    throw new MountError(`error processing ${where}: persistentvolumes "${claim.spec.volumeName}" not found`);
  }
  return volume;
}

/**
 * Directories outlive the pods that share them, whatever node they are on: all nodes are this machine. Each is below the
 * cluster's own directory, wherever the volume says that it is.
 */
async function sharedDirectory(volume: PersistentVolume, clusterDirectory: string): Promise<string | undefined> {
  const { hostPath, local, nfs } = volume.spec;
  if (hostPath === undefined && local === undefined && nfs === undefined) return undefined;
  const path = join(clusterDirectory, 'persistent-volumes', volume.metadata.name);
  await mkdir(path, { recursive: true });
  return path;
}

async function attemptClaim(
  { context, clusterDirectory }: PodVolumesOptions,
  pod: Pod,
  claimName: string,
): Promise<VolumeAttempt> {
  const volume = claimedVolume(context, pod, claimName);
  const { name } = volume.metadata;
  const directory = await sharedDirectory(volume, clusterDirectory);
  if (directory !== undefined && volume.spec.volumeMode !== 'Block') {
    return { kind: 'ready', target: { kind: 'directory', path: directory } };
  }
  if (volume.spec.volumeMode !== 'Block') {
    return {
      kind: 'failed',
      message:
        `MountVolume.MountDevice failed for volume "${name}" : the embedded cluster has no kernel to mount a file system with; ` +
        'use volumeMode: Block with volumeDevices',
    };
  }
  const { csi } = volume.spec;
  const driver = context.csi.get(csi?.driver ?? '');
  if (csi === undefined || driver === undefined) {
    return {
      kind: 'failed',
      message: `MapVolume.SetUpDevice failed for volume "${name}" : driver name ${csi?.driver ?? ''} not found in the list of registered CSI drivers`,
    };
  }
  const nodeName = pod.spec.nodeName ?? '';
  const attachment = context.resources.attachments.get(
    attachmentName({ volumeHandle: csi.volumeHandle, driver: csi.driver, nodeName }),
  );
  if (attachment?.status?.attached !== true || attachment.metadata.deletionTimestamp !== undefined) {
    return { kind: 'attaching' };
  }
  return { kind: 'ready', target: { kind: 'device', uri: driver.deviceUri(csi.volumeHandle, nodeName) } };
}

async function attemptVolume(options: PodVolumesOptions, pod: Pod, volume: PodVolume): Promise<VolumeAttempt> {
  const { context, clusterDirectory } = options;
  const own = join(options.directory, 'volumes', volume.name);
  if (volume.persistentVolumeClaim !== undefined) {
    return attemptClaim(options, pod, volume.persistentVolumeClaim.claimName);
  }
  if (volume.hostPath !== undefined) {
    const path = resolve(volume.hostPath.path);
    const inside = !relative(clusterDirectory, path).startsWith('..');
    // Pods must not reach into this machine: other host paths are an empty directory.
    const target = inside ? path : own;
    await mkdir(target, { recursive: true });
    return { kind: 'ready', target: { kind: 'directory', path: target } };
  }
  const files = volumeFiles(context, pod, volume);
  await writeVolumeFiles(own, files ?? []);
  return { kind: 'ready', target: { kind: 'directory', path: own } };
}

/** By the volume's name in the pod. */
export type VolumeTargets = ReadonlyMap<string, VolumeTarget>;

export type MountAttempt =
  | { kind: 'ready'; targets: VolumeTargets }
  /** `failures` are worded as kubelet's FailedMount events; empty while an attachment is under way. */
  | { kind: 'incomplete'; failures: readonly string[] };

/** Tries to set up all volumes of a pod; call again when something changed. */
export async function mountVolumes(options: PodVolumesOptions, pod: Pod): Promise<MountAttempt> {
  const targets = new Map<string, VolumeTarget>();
  const failures: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    try {
      const attempt = await attemptVolume(options, pod, volume);
      if (attempt.kind === 'ready') {
        targets.set(volume.name, attempt.target);
      } else if (attempt.kind === 'failed') {
        failures.push(attempt.message);
      }
    } catch (error) {
      if (!(error instanceof MountError)) {
        throw error;
      }
      failures.push(`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`);
    }
  }
  const complete = targets.size === (pod.spec.volumes ?? []).length;
  return complete ? { kind: 'ready', targets } : { kind: 'incomplete', failures };
}

/** Where the container's declared mounts and devices are on this machine. */
export function containerPaths(container: Container, targets: VolumeTargets): PodPaths {
  const rewrites: Record<string, string> = {};
  for (const mount of container.volumeMounts ?? []) {
    const target = targets.get(mount.name);
    if (target?.kind === 'directory') {
      rewrites[mount.mountPath] = mount.subPath === undefined ? target.path : join(target.path, mount.subPath);
    }
  }
  for (const device of container.volumeDevices ?? []) {
    const target = targets.get(device.name);
    if (target?.kind === 'device') {
      rewrites[device.devicePath] = target.uri;
    }
  }
  return { rewrites };
}
