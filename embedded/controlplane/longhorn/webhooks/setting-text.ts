import { isInVersionRange } from '../../../versions/profile.ts';
import type { LonghornVersion } from '../../../versions/profile.ts';
import { cpuMask } from './cpu-mask.ts';
import { cronFault } from './cron.ts';

/**
 * Why a text cannot be the value of a setting that has a form of its own; undefined when it can, or there is no form.
 * Source: longhorn-manager:types/setting.go validateSettingString, types/types.go@v1.8.0..v1.12.1.
 */
export function textFault(name: string, text: string, version: LonghornVersion): string | undefined {
  const invalid = (fault: string | undefined): string | undefined =>
    fault === undefined ? undefined : `the value of ${name} is invalid: ${fault}`;
  switch (name) {
    case 'snapshot-data-integrity-cronjob': {
      const fault = cronFault(text);
      return fault === undefined ? undefined : `invalid cron job format: ${text}: ${fault}`;
    }
    case 'taint-toleration':
      return invalid(tolerationFault(text));
    case 'system-managed-components-node-selector':
      return invalid(nodeSelectorFault(text));
    case 'system-managed-csi-components-resource-limits':
      return invalid(resourceLimitsFault(text));
    case 'storage-network':
    case 'endpoint-network-for-rwx-volume': {
      const what = isInVersionRange(version, '1.11.0..') ? 'cni network' : 'storage network';
      const well = text === '' || text.split('/').length === 2;
      return invalid(
        well ? undefined : `${what} must be in <NAMESPACE>/<NETWORK-ATTACHMENT-DEFINITION> format: ${text}`,
      );
    }
    case 'manager-url':
      return invalid(managerUrlFault(text));
    case 'data-engine-log-flags':
      return logFlagsFault(text, 'data engine');
    case 'v2-data-engine-log-flags':
      return logFlagsFault(text, 'v2 data engine');
    case 'orphan-resource-auto-deletion':
      return invalid(orphanTypesFault(text));
    case 'data-engine-cpu-mask': {
      const read = isInVersionRange(version, '1.12.0..') ? cpuMask(text) : undefined;
      return invalid(read !== undefined && 'fault' in read ? read.fault : undefined);
    }
    default:
      return undefined;
  }
}

const effects = ['', 'NoExecute', 'NoSchedule', 'PreferNoSchedule'];

function tolerationFault(setting: string): string | undefined {
  const text = setting.replaceAll(' ', '');
  if (text === '') return undefined;
  for (const toleration of text.split(';')) {
    const [, effect = '', ...more] = toleration.split(':');
    const fault =
      !toleration.includes(':') || more.length > 0
        ? 'missing key/value and effect pair'
        : effects.includes(effect)
          ? undefined
          : `invalid effect: ${effect}`;
    // Go prints the toleration that it did not get.
    if (fault !== undefined) return `failed to parse toleration: nil: ${fault}`;
  }
  return undefined;
}

function nodeSelectorFault(setting: string): string | undefined {
  const text = setting.trim();
  if (text === '') return undefined;
  const bad = text
    .split(';')
    .map((label) => label.trim())
    .find((label) => label.split(':').length !== 2);
  return bad === undefined
    ? undefined
    : `Error while unmarshal node selector: invalid label ${bad}: should contain the separator ':'`;
}

/** Only whether it is a JSON object; which limits it may hold is not looked at. */
function resourceLimitsFault(setting: string): string | undefined {
  const text = setting.trim();
  if (text === '' || text.startsWith('{')) return undefined;
  const [first = ''] = text;
  return `failed to unmarshal CSI component resource limits ${text}: invalid character ${`'${first}'`} looking for beginning of value`;
}

function managerUrlFault(text: string): string | undefined {
  if (text === '') return undefined;
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase() ?? '';
  if (scheme !== 'http' && scheme !== 'https') return `scheme must be http or https, got: ${scheme}`;
  const rest = /^[^:]+:(?:\/\/([^/?#]*))?([^?#]*)(.*)$/.exec(text);
  if ((rest?.[1] ?? '') === '') return 'host is required';
  if (!['', '/'].includes(rest?.[2] ?? '')) return 'URL must not contain path';
  return (rest?.[3] ?? '').length > 1 ? 'URL must not contain query or fragment' : undefined;
}

function logFlagsFault(flags: string, engine: string): string | undefined {
  // Flags are words of letters joined by `_`, separated by commas.
  if (flags === '' || /^[a-zA-Z]{2,}(_?[a-zA-Z]+)*(,[a-zA-Z]{2,}(_?[a-zA-Z]+)*)*,?$/.test(flags)) return undefined;
  return `failed to validate ${engine} log flags ${flags}: log flags ${flags} is invalid`;
}

function orphanTypesFault(setting: string): string | undefined {
  const text = setting.trim();
  const bad = text === '' ? [] : text.split(';').filter((item) => !['replica-data', 'instance'].includes(item.trim()));
  return bad.length === 0 ? undefined : `invalid orphan resource types: ${bad.join(', ')}`;
}

/** A mask of the releases before 1.10.1, which is looked at together with the state of the cluster. */
export function oldCpuMaskFault(mask: string, guaranteedMilliCpu: number): string | undefined {
  if (!/^0x[1-9a-fA-F][0-9a-fA-F]*$/.test(mask)) return `invalid CPU mask: ${mask}`;
  const cpus = [...BigInt(mask).toString(2)].filter((bit) => bit === '1').length * 1000;
  if (cpus <= guaranteedMilliCpu) return undefined;
  const limit = `v2-data-engine-guaranteed-instance-manager-cpu setting value (${String(guaranteedMilliCpu)})`;
  return `number of CPUs (${String(cpus)}) requested by CPU mask (${mask}) is larger than the ${limit}`;
}
