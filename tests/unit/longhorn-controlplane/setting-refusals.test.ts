/** What settings may be, by release (longhorn-manager:types/setting.go, datastore/longhorn.go ValidateSetting@v1.8.0..v1.12.1). */
import { expect, test } from '@playwright/test';
import { cpuMask } from '../../../embedded/controlplane/longhorn/webhooks/cpu-mask.ts';
import { healthyVolume } from './bench-objects.ts';
import { type Bench, startBench, withBench } from './longhorn-bench.ts';
import { refusal } from './refusal.ts';

const denied = (webhook: string) => `admission webhook "${webhook}.longhorn.io" denied the request: `;

function set(bench: Bench, name: string, value: string): string | undefined {
  bench.change('settings', name, (draft) => {
    draft.value = value;
  });
  return bench.object('settings', name)?.value;
}

/** A refusal without its prefix, and the field that it names. */
function refused(bench: Bench, name: string, value: string, webhook = 'validator'): string {
  const error = refusal(() => set(bench, name, value));
  expect(error.message.startsWith(denied(webhook)), error.message).toBe(true);
  expect({ code: error.code, fields: error.details?.causes?.map(({ field }) => field) }).toEqual({
    code: 422,
    fields: ['value'],
  });
  return error.message.slice(denied(webhook).length);
}

const chain = (name: string, value: string): string =>
  `failed to validate setting ${name} with invalid value ${value}: value ${value} of settings ${name} is invalid: `;

test('a bad plain value is refused in the words of its parser, from 1.10 on', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    expect(refused(bench, 'auto-salvage', 'maybe')).toBe(
      `${chain('auto-salvage', 'maybe')}failed to parse value maybe for setting Automatic salvage: failed to parse single bool value maybe: strconv.ParseBool: parsing "maybe": invalid syntax`,
    );
    expect(refused(bench, 'replica-replenishment-wait-interval', 'soon')).toBe(
      `${chain('replica-replenishment-wait-interval', 'soon')}failed to parse value soon for setting Replica Replenishment Wait Interval: failed to parse single int value soon: strconv.ParseInt: parsing "soon": invalid syntax`,
    );
    expect(refused(bench, 'storage-minimal-available-percentage', '101')).toBe(
      `${chain('storage-minimal-available-percentage', '101')}value 101 for data engine all should be less than or equal to 100`,
    );
    expect(refused(bench, 'default-backup-block-size', '3')).toBe(
      `${chain('default-backup-block-size', '3')}value 3 is not a valid choice, available choices [2 16]`,
    );
    expect(refused(bench, 'auto-salvage', '')).toBe(
      `${chain('auto-salvage', '')}required setting auto-salvage shouldn't be empty`,
    );
    expect(refused(bench, 'snapshot-max-count', '1')).toBe(
      'failed to validate setting snapshot-max-count with invalid value 1: snapshot-max-count should be between 2 and 250',
    );
    expect(set(bench, 'auto-salvage', 'F')).toBe('F');
  });
});

test('a per-engine value is read by the mutator first, and completed', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    expect(refused(bench, 'data-engine-memory-size', 'x', 'mutator')).toBe(
      'failed to get valid value for setting data-engine-memory-size: failed to parse single int value x: strconv.ParseInt: parsing "x": invalid syntax',
    );
    expect(refused(bench, 'default-replica-count', '{"v1":"a","v2":"b"}', 'mutator')).toBe(
      'failed to get valid value for setting default-replica-count: failed to parse int value a for data engine v1: strconv.ParseInt: parsing "a": invalid syntax\n' +
        'failed to parse int value b for data engine v2: strconv.ParseInt: parsing "b": invalid syntax',
    );
    expect(refused(bench, 'default-replica-count', '{"v2":2}', 'mutator')).toBe(
      'failed to get valid value for setting default-replica-count: failed to parse JSON-formatted value {"v2":2}: json: cannot unmarshal number into Go value of type string',
    );
    expect(refused(bench, 'default-replica-count', '{"v2":"2"}')).toBe(
      `${chain('default-replica-count', '{"v2":"2"}')}mismatched data engines for setting Default Replica Count`,
    );
    expect(refused(bench, 'snapshot-data-integrity', '{"v1":"enabled","v2":"always"}')).toBe(
      `${chain('snapshot-data-integrity', '{"v1":"enabled","v2":"always"}')}value always is not a valid choice, available choices [disabled enabled fast-check]`,
    );
    expect(refused(bench, 'guaranteed-instance-manager-cpu', '41')).toBe(
      `${chain('guaranteed-instance-manager-cpu', '{"v1":"41","v2":"41"}')}value 41 for data engine v1 should be less than or equal to 40\nvalue 41 for data engine v2 should be less than or equal to 40`,
    );
    // Engines that a setting does not have are dropped; words for a truth become the usual ones.
    expect(set(bench, 'fast-replica-rebuild-enabled', ' { "v3":"1", "v2":"F","v1":"t" } ')).toBe(
      '{"v1":"true","v2":"false"}',
    );
    expect(set(bench, 'data-engine-cpu-mask', '0-2,5')).toBe('{"v2":"0x27"}');
    expect(refused(bench, 'data-engine-cpu-mask', '0x0', 'mutator')).toBe(
      'failed to normalize value for setting data-engine-cpu-mask: failed to normalize CPU mask for data engine v2: CPU mask "0x0" is zero, at least one CPU must be selected',
    );
    expect(refused(bench, 'data-engine-number-of-cpu-cores', '2')).toContain(
      'cannot be set to 2 when not all nodes have CPU manager policy configured',
    );
  });
});

test('settings with a form of their own are refused for another', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    expect(refused(bench, 'taint-toleration', 'gpu')).toBe(
      `${chain('taint-toleration', 'gpu')}the value of taint-toleration is invalid: failed to parse toleration: nil: missing key/value and effect pair`,
    );
    expect(refused(bench, 'taint-toleration', 'gpu=yes:Sometimes')).toContain(
      'failed to parse toleration: nil: invalid effect: Sometimes',
    );
    expect(set(bench, 'taint-toleration', 'gpu=yes:NoSchedule; spot:NoExecute')).toBe(
      'gpu=yes:NoSchedule; spot:NoExecute',
    );
    expect(refused(bench, 'system-managed-components-node-selector', 'a')).toContain(
      "Error while unmarshal node selector: invalid label a: should contain the separator ':'",
    );
    expect(refused(bench, 'storage-network', 'net')).toContain(
      'cni network must be in <NAMESPACE>/<NETWORK-ATTACHMENT-DEFINITION> format: net',
    );
    expect(refused(bench, 'manager-url', 'ftp://here')).toContain('scheme must be http or https, got: ftp');
    expect(refused(bench, 'manager-url', 'http://here/path')).toContain('URL must not contain path');
    expect(refused(bench, 'orphan-resource-auto-deletion', 'replica-data;pods')).toContain(
      'invalid orphan resource types: pods',
    );
    expect(refused(bench, 'snapshot-data-integrity-cronjob', 'never')).toContain(
      'invalid cron job format: never: Expected exactly 5 fields, found 1: never',
    );
    expect(refused(bench, 'priority-class', 'none')).toBe(
      'failed to validate setting priority-class with invalid value none: failed to get priority class none before modifying priority class setting: priorityclass.scheduling.k8s.io "none" not found',
    );
    expect(refused(bench, 'disable-snapshot-purge', 'true')).toContain(
      'cannot set disable-snapshot-purge setting to true when auto-cleanup-system-generated-snapshot setting is true',
    );
  });
});

test('what is read-only changes only by the hand of Longhorn', async () => {
  await withBench({ version: '1.12.1' }, (bench) => {
    const error = refusal(() => set(bench, 'default-engine-image', 'mine'));
    expect([error.message, error.details?.causes?.[0]?.field]).toEqual([
      `${denied('validator')}setting default-engine-image is read-only`,
      'metadata.name',
    ]);
    bench.change('settings', 'latest-longhorn-version', (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, 'longhorn.io/update-setting-from-longhorn': '' };
      draft.value = 'v1.13.0';
    });
    expect(bench.object('settings', 'latest-longhorn-version')?.value).toBe('v1.13.0');
  });
});

test('up to 1.9 values are plain, and refused in other words', async () => {
  await withBench({ version: '1.9.2' }, (bench) => {
    const old = (name: string, value: string): string =>
      `failed to set the setting ${name} with invalid value ${value}: value ${value} of settings ${name} is invalid: failed to validate the setting ${name}: `;
    expect(refused(bench, 'auto-salvage', '1')).toBe(`${old('auto-salvage', '1')}value 1 should be true or false`);
    expect(refused(bench, 'default-replica-count', 'two')).toBe(
      `${old('default-replica-count', 'two')}value two is not a number: strconv.Atoi: parsing "two": invalid syntax`,
    );
    expect(refused(bench, 'default-replica-count', '21')).toBe(
      `${old('default-replica-count', '21')}value 21 should be less than 20`,
    );
    expect(refused(bench, 'storage-network', 'net')).toContain(
      'storage network must be in <NAMESPACE>/<NETWORK-ATTACHMENT-DEFINITION> format: net',
    );
    expect(refused(bench, 'v2-data-engine-cpu-mask', '3')).toBe(
      'failed to set the setting v2-data-engine-cpu-mask with invalid value 3: invalid CPU mask: 3',
    );
    expect(refused(bench, 'v2-data-engine-cpu-mask', '0x3')).toContain(
      'number of CPUs (2000) requested by CPU mask (0x3) is larger than',
    );
    const unknown = refusal(() => bench.create('Setting', 'settings', 'no-such', { value: '1' }));
    expect(unknown.message).toBe(
      `${denied('validator')}failed to set the setting no-such with invalid value 1: value 1 of settings no-such is invalid: setting no-such is not supported`,
    );
  });
});

test('in 1.10 JSON is refused for a setting without data engines, later it is a text like others', async () => {
  await withBench({ version: '1.10.2' }, (bench) => {
    expect(refused(bench, 'registry-secret', '{}')).toContain(
      'JSON-formatted value is not supported for non-data-engine-specific setting',
    );
  });
  await withBench({ version: '1.11.3' }, (bench) => {
    expect(set(bench, 'registry-secret', '{}')).toBe('{}');
  });
});

test('a CPU mask is a hexadecimal number or a list of CPUs', () => {
  const fault = (text: string): string => {
    const read = cpuMask(text);
    return 'fault' in read ? read.fault : `read as ${read.value}`;
  };
  expect(fault(' 0xF0 ')).toBe('read as 0xF0');
  expect(fault('(1-3),(5)')).toBe('read as 0x2e');
  expect(fault('')).toBe('CPU mask value is empty');
  expect(fault('0x')).toBe('invalid hex CPU mask "0x": missing hex digits after prefix');
  expect(fault('0xg')).toBe('invalid hex CPU mask "0xg": contains non-hex character "g"');
  expect(fault('1,,2')).toBe('invalid CPU list "1,,2": empty CPU entry');
  expect(fault('3-1')).toBe('invalid CPU range "3-1": start (3) > end (1)');
  expect(fault('a')).toBe('invalid CPU number "a"');
  expect(fault('1-x')).toBe('invalid CPU number "x" in range "1-x"');
  expect(fault('1024')).toBe('CPU number 1024 is out of valid range (0-1023)');
});

test('a setting of pods is not applied before all volumes are detached', async () => {
  const bench = await startBench({ version: '1.12.1' });
  try {
    await healthyVolume(bench, 'vol');
    const applied = (name: string): boolean | undefined => bench.object('settings', name)?.status?.applied;
    set(bench, 'taint-toleration', 'gpu=yes:NoSchedule');
    set(bench, 'auto-salvage', 'false');
    await bench.until('not applied', () => applied('taint-toleration') === false);
    expect(applied('auto-salvage')).toBe(true);
    bench.change('volumeattachments', 'vol', (draft) => {
      draft.spec.attachmentTickets = {};
    });
    await bench.until('applied', () => applied('taint-toleration') === true);
    expect(bench.object('volumes', 'vol')?.status?.state).toBe('detached');
  } finally {
    await bench.close();
  }
});
