import { expect, test } from '@playwright/test';
import { imageTag, versionWindow } from '../../../helpers/longhorn/version.ts';

const running = (manager: string, instanceManager = manager) => ({
  'longhorn-manager': `docker.io/longhornio/longhorn-manager:${manager}`,
  'instance-manager': `docker.io/longhornio/longhorn-instance-manager:${instanceManager}`,
});

for (const tag of ['v1.8.0', 'v1.8.2', 'v1.9.0-rc2', 'v1.10.1', 'v1.11.3']) {
  test(`${tag} has V2 backing images`, () => {
    const { premise, longhornVersion } = versionWindow(running(tag));
    expect(premise.state).toBe('met');
    expect(longhornVersion).toBe(tag.slice(1));
  });
}

for (const tag of ['v1.12.0', 'v1.12.1', 'v1.13.0-rc1', 'v2.0.0']) {
  test(`${tag} has none any more, and the premise says since when`, () => {
    const { premise } = versionWindow(running(tag));
    expect(premise.state).toBe('unmet');
    expect(premise.detail).toContain('V2 backing images are not supported since Longhorn 1.12.0');
  });
}

test('1.7 has none yet', () => {
  expect(versionWindow(running('v1.7.2')).premise).toMatchObject({ state: 'unmet' });
});

test('a moving tag names no release: what it holds today is unknown', () => {
  const { premise } = versionWindow(running('v1.8.x-head'));
  expect(premise.state).toBe('unmet');
  expect(premise.detail).toContain('v1.8.x-head');
});

test('a manager and an instance manager of different releases are no release at all', () => {
  expect(versionWindow(running('v1.8.1', 'v1.8.0')).premise).toMatchObject({ state: 'unmet' });
});

test('a hotfix of the instance manager belongs to its release', () => {
  expect(versionWindow(running('v1.11.0', 'v1.11.0-hotfix-1')).premise).toMatchObject({ state: 'met' });
});

test('no manager at all is an unmet premise, not a crash', () => {
  expect(versionWindow({}).premise).toMatchObject({ state: 'unmet' });
});

test('the tag of an image is found behind registries with ports and before digests', () => {
  expect(imageTag('localhost:5000/longhornio/longhorn-manager')).toBeUndefined();
  expect(imageTag('localhost:5000/longhornio/longhorn-manager:v1.9.0')).toBe('v1.9.0');
  expect(imageTag('longhornio/longhorn-manager:v1.9.0@sha256:0123')).toBe('v1.9.0');
});
