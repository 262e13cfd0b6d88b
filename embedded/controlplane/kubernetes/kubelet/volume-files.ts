import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClusterContext, Resources } from '../context.ts';
import type { DownwardFile, KeyToPath, Pod, PodVolume, VolumeProjection } from '../objects/pod.ts';
import { fieldValue } from './field-reference.ts';

/** A volume cannot be set up now; the kubelet reports it as FailedMount and tries again. */
export class MountError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MountError';
  }
}

interface VolumeFile {
  path: string;
  content: Buffer;
  mode: number;
}

interface KeyedSource {
  kind: 'configmap' | 'secret';
  name: string;
  items: readonly KeyToPath[] | undefined;
  optional: boolean;
  mode: number;
}

function contentOf(resources: Resources, pod: Pod, source: KeyedSource): Map<string, Buffer> | undefined {
  const { namespace } = pod.metadata;
  const base64 = (data: Record<string, string> | undefined): [string, Buffer][] =>
    Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]);
  if (source.kind === 'secret') {
    const secret = resources.secrets.get(source.name, namespace);
    return secret === undefined ? undefined : new Map(base64(secret.data));
  }
  const configMap = resources.configMaps.get(source.name, namespace);
  if (configMap === undefined) {
    return undefined;
  }
  const text = Object.entries(configMap.data ?? {}).map(([key, value]): [string, Buffer] => [key, Buffer.from(value)]);
  return new Map([...text, ...base64(configMap.binaryData)]);
}

function keyedFiles(resources: Resources, pod: Pod, source: KeyedSource): VolumeFile[] {
  const content = contentOf(resources, pod, source);
  if (content === undefined) {
    if (source.optional) {
      return [];
    }
    throw new MountError(`${source.kind} "${source.name}" not found`);
  }
  if (source.items === undefined || source.items.length === 0) {
    return [...content].map(([path, bytes]) => ({ path, content: bytes, mode: source.mode }));
  }
  return source.items.flatMap(({ key, path, mode }) => {
    const bytes = content.get(key);
    if (bytes === undefined && !source.optional) {
      throw new MountError(`references non-existent ${source.kind === 'secret' ? 'secret' : 'config'} key: ${key}`);
    }
    return bytes === undefined ? [] : [{ path, content: bytes, mode: mode ?? source.mode }];
  });
}

function downwardFiles(pod: Pod, items: readonly DownwardFile[] | undefined, mode: number): VolumeFile[] {
  return (items ?? []).map((item) => ({
    path: item.path,
    content: Buffer.from(fieldValue(pod, item.fieldRef?.fieldPath ?? '') ?? ''),
    mode: item.mode ?? mode,
  }));
}

/** What volumes are made of, besides the pod's own spec. */
export type VolumeSources = Pick<ClusterContext, 'resources' | 'identity'>;

/** Nothing accepts it: there is no API server that could have issued one. */
const noToken = 'no-api-server';

function tokenOf({ identity }: VolumeSources, { metadata, spec }: Pod): string {
  return (
    identity()?.issueToken({ namespace: metadata.namespace ?? '', name: spec.serviceAccountName ?? 'default' }) ??
    noToken
  );
}

function projectedFiles(sources: VolumeSources, pod: Pod, source: VolumeProjection, mode: number): VolumeFile[] {
  const { resources } = sources;
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  const keyed = (kind: 'configmap' | 'secret', from: NonNullable<VolumeProjection['configMap']>): VolumeFile[] =>
    keyedFiles(resources, pod, { kind, name: from.name, items: from.items, optional: from.optional ?? false, mode });
  return [
    ...(configMap === undefined ? [] : keyed('configmap', configMap)),
    ...(secret === undefined ? [] : keyed('secret', secret)),
    ...(downwardAPI === undefined ? [] : downwardFiles(pod, downwardAPI.items, mode)),
    ...(serviceAccountToken === undefined
      ? []
      : [{ path: serviceAccountToken.path, content: Buffer.from(tokenOf(sources, pod)), mode }]),
  ];
}

/** The files of a volume that is made of API objects; undefined for other kinds of volume. Throws MountError. */
export function volumeFiles(sources: VolumeSources, pod: Pod, volume: PodVolume): VolumeFile[] | undefined {
  const { resources } = sources;
  const { configMap, secret, downwardAPI, projected } = volume;
  const defaultMode = 0o644;
  if (configMap !== undefined) {
    const { name, items, optional = false, defaultMode: mode = defaultMode } = configMap;
    return keyedFiles(resources, pod, { kind: 'configmap', name, items, optional, mode });
  }
  if (secret !== undefined) {
    const { secretName, items, optional = false, defaultMode: mode = defaultMode } = secret;
    return keyedFiles(resources, pod, { kind: 'secret', name: secretName, items, optional, mode });
  }
  if (downwardAPI !== undefined) {
    return downwardFiles(pod, downwardAPI.items, downwardAPI.defaultMode ?? defaultMode);
  }
  return projected?.sources?.flatMap((source) =>
    projectedFiles(sources, pod, source, projected.defaultMode ?? defaultMode),
  );
}

export async function writeVolumeFiles(directory: string, files: readonly VolumeFile[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const file of files) {
    const path = join(directory, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.content, { mode: file.mode });
  }
}
