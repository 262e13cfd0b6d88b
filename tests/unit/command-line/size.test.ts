import { expect, test } from '@playwright/test';
import { provisionedBytes } from '../../../helpers/longhorn/volume-size.ts';
import { parseImageSize, parseVolumeSize } from '../../../scripts/command-line/size.ts';
import { UsageError } from '../../../scripts/command-line/usage-error.ts';

const mib = 2 ** 20;

for (const [text, asked, provisioned] of [
  ['500Mi', 500 * mib, 500 * mib],
  ['33Mi', 33 * mib, 34 * mib],
  ['34603520', 33 * mib + 512, 34 * mib],
  ['0.5Gi', 512 * mib, 512 * mib],
  ['64M', 64_000_000, 62 * mib],
  ['15.5Mi', 15.5 * mib, 16 * mib],
] as const) {
  test(`a claim for ${text} is for ${String(asked)} bytes and becomes a volume of ${String(provisioned / mib)} MiB`, () => {
    expect(parseVolumeSize('--size', text)).toBe(asked);
    expect(provisionedBytes(asked)).toBe(provisioned);
  });
}

test('less than 10 MiB becomes 10 MiB, which is too small for a verdict', () => {
  expect(provisionedBytes(1)).toBe(10 * mib);
  expect(() => parseVolumeSize('--size', '13Mi')).toThrow('--size 13Mi is too small');
});

for (const text of ['', '-5Mi', '5MB', '1e9', '1.Mi', '0', '99999Ti', '0.3', 'Mi']) {
  test(`"${text}" is no size, and said so in one line`, () => {
    expect(() => parseVolumeSize('--size', text)).toThrow(UsageError);
    expect(() => parseVolumeSize('--size', text)).toThrow(/^--size .*$/);
  });
}

test('an image has whole MiB', () => {
  expect(parseImageSize('--image-size', '33Mi')).toBe(33 * mib);
  for (const text of ['33554944', '0.5Mi']) {
    expect(() => parseImageSize('--image-size', text)).toThrow('no whole number of MiB');
  }
});
