import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { engineImageName } from '../cluster/names.ts';
import type { BackingImage } from '../model/backing-image.ts';
import { invalid } from './denial.ts';
import { printedMap, quoted } from './go-words.ts';

/** Where an image may come from. Source: longhorn-manager:webhook/resources/backingimage/validator.go@v1.8.0..v1.12.1. */
export function checkSource(cluster: LonghornCluster, image: BackingImage): void {
  const { sourceType } = image.spec;
  const parameters = (image.spec.sourceParameters as Record<string, string> | undefined) ?? {};
  const badParameters = `invalid parameter ${printedMap(parameters)} for source type ${sourceType}`;
  switch (sourceType) {
    case 'download':
      checkDownload(cluster, parameters['url'] ?? '', badParameters);
      break;
    case 'clone': {
      const source = cluster.backingImages.get(parameters['backing-image'] ?? '');
      if (source === undefined) throw invalid(badParameters);
      if (source.spec.dataEngine === 'v2') throw invalid('clone from a v2 backing image is not supported');
      checkEncryption(cluster, source, parameters);
      break;
    }
    case 'export-from-volume':
      checkExport(cluster, parameters, badParameters);
      break;
    default:
      break;
  }
}

function checkEncryption(
  cluster: LonghornCluster,
  source: BackingImage,
  parameters: Readonly<Record<string, string>>,
): void {
  const { encryption, secret = '', 'secret-namespace': namespace = '' } = parameters;
  if (encryption === undefined) throw invalid('encryption should not be empty for cloning');
  if (!['encrypt', 'decrypt', 'ignore'].includes(encryption))
    throw invalid(`encryption ${encryption} is not supported`);
  const isEncrypted = (source.spec.secret ?? '') !== '';
  const { name } = source.metadata;
  if (isEncrypted && encryption === 'encrypt')
    throw invalid(`cannot re-encrypt the backing image, ${name} is already encrypted`);
  if (!isEncrypted && encryption === 'decrypt')
    throw invalid(`cannot re-decrypt the backing image, ${name} is already decrypted`);
  if (encryption === 'ignore') return;
  if (secret === '' || namespace === '')
    throw invalid('secret is not provided for encryption or decryption during cloneing');
  if (cluster.store.get({ resource: 'secrets', namespace, name: secret }) !== undefined) return;
  throw invalid(`failed to get the secret ${secret} in the namespace ${namespace}`);
}

function checkExport(
  cluster: LonghornCluster,
  parameters: Readonly<Record<string, string>>,
  badParameters: string,
): void {
  const { 'volume-name': volumeName = '', 'export-type': type = '' } = parameters;
  if (volumeName === '') throw invalid(badParameters);
  const volume = cluster.volumes.get(volumeName);
  if (volume === undefined) throw invalid(`failed to get volume ${volumeName} before exporting backing image`);
  if (volume.spec.dataEngine === 'v2') throw invalid('exported from a v2 volume is not supported');
  if (volume.status?.robustness === 'faulted')
    throw invalid(`cannot export a backing image from faulted volume ${volumeName}`);
  const name = engineImageName(volume.status?.currentImage ?? '');
  if (cluster.store.get({ resource: 'engineimages.longhorn.io', namespace: 'longhorn-system', name }) === undefined) {
    throw invalid(
      `failed to get then check engine image ${name} for volume ${volumeName} before exporting backing image`,
    );
  }
  if (type !== 'raw' && type !== 'qcow2') throw invalid(`unsupported export type ${type}`);
}

function checkDownload(cluster: LonghornCluster, url: string, badParameters: string): void {
  if (cluster.profile.downloadUrlCheck === 'parameter-only') {
    if (url === '') throw invalid(badParameters);
    return;
  }
  const fault = urlFault(url);
  if (fault !== undefined) throw invalid(fault, 'spec.sourceParameters[url]');
}

/** Source: longhorn-manager:webhook/resources/backingimage/validator.go validateDownloadParameters@v1.12.1, go:src/net/url/url.go ParseRequestURI. */
function urlFault(url: string): string | undefined {
  if (url === '') return 'download URL is not provided';
  const unparsed = (why: string): string => `invalid download URL: parse ${quoted(url)}: ${why}`;
  // eslint-disable-next-line no-control-regex -- Go refuses exactly these.
  if (/[\x00-\x1f\x7f]/.test(url)) return unparsed('net/url: invalid control character in URL');
  if (url.startsWith(':')) return unparsed('missing protocol scheme');
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase() ?? '';
  const rest = scheme === '' ? url : url.slice(scheme.length + 1);
  if (scheme === '' ? !url.startsWith('/') : rest === '')
    return unparsed(scheme === '' ? 'invalid URI for request' : 'empty url');
  const authority = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '';
  const { host, port } = splitAuthority(authority);
  if (!/^(:\d*)?$/.test(port)) return unparsed(`invalid port ${quoted(port)} after host`);
  if (host.includes(' ')) return unparsed('invalid character " " in host name');
  if (scheme !== 'http' && scheme !== 'https') return `invalid download URL scheme ${quoted(scheme)}`;
  return isLoopbackHost(host) ? 'download URL must not target a loopback address' : undefined;
}

function splitAuthority(authority: string): { host: string; port: string } {
  const address = authority.slice(authority.lastIndexOf('@') + 1);
  const bracketed = /^\[([^\]]*)\](.*)$/.exec(address);
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: bracketed[2] ?? '' };
  const colon = address.lastIndexOf(':');
  return colon === -1 ? { host: address, port: '' } : { host: address.slice(0, colon), port: address.slice(colon) };
}

/** Without a look-up of names. Source: go-common-libs:net/ip.go IsLoopbackHost, as longhorn-manager@v1.12.1 vendors it. */
function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  if (['', 'localhost', '0.0.0.0'].includes(name)) return true;
  return /^(::ffff:)?127(\.\d{1,3}){3}$/.test(name) || /^(0*:)*:?0*1$/.test(name);
}
