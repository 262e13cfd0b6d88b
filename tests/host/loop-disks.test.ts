import { readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { expect, noDocker, notPrivileged, type Setup, test } from './machine.ts';
import { makeToolImage } from './tool-image.ts';

const image = `v2-verifier-host-test:${String(process.pid)}`;
const flags = ['--longhorn', '1.11.3', '--single-node', '--disk-size', '1Gi', '--node-image', image];
const steps = ({ id }: { id: string }): boolean => id === 'disk-files' || id.startsWith('loop-');

let missing: string | undefined;
test.beforeAll(async () => {
  missing = await noDocker();
  if (missing !== undefined) return;
  await makeToolImage(image);
  missing = await notPrivileged(image);
});
test.afterAll(async () => {
  await execa('docker', ['image', 'rm', image], { reject: false });
});
test.beforeEach(() => {
  test.skip(missing !== undefined, missing);
});

test('a real docker attaches three loop devices of the right size, once, and detaches them', async ({ setUp }) => {
  const setup = setUp({ flags, steps });
  const first = await setup.up();
  expect(first.outcome, first.said).toBe('usable');
  const devices = await attached(setup);
  expect(new Set(devices).size).toBe(3);
  for (const device of devices) {
    const sectors = await readFile(join('/sys/block', device, 'size'), 'utf8');
    expect(Number(sectors) * 512).toBe(2 ** 30);
  }

  const second = await setup.up();
  expect(second.outcome).toBe('usable');
  expect(second.said).not.toContain('needed');
  expect(await attached(setup)).toEqual(devices);

  const { left, said } = await setup.down();
  expect(left, said).toEqual([]);
  for (const device of devices) expect(await backingFile(device), device).not.toContain(setup.name);
  await expect(stat(setup.layout.directory)).rejects.toThrow(/ENOENT/);
});

test('a link that is gone is made anew to the device that still has the file', async ({ setUp }) => {
  const setup = setUp({ flags, steps });
  await setup.up();
  const devices = await attached(setup);
  const [lost] = setup.disks;
  if (lost === undefined) throw new Error('the set-up has no disks');
  await inContainer(['rm', lost.path]);

  const again = await setup.up();
  expect(again.outcome, again.said).toBe('usable');
  expect(await attached(setup)).toEqual(devices);
});

test('what is written to a loop device is in its file', async ({ setUp }) => {
  const setup = setUp({ flags, steps });
  await setup.up();
  const disk = setup.disks[1];
  if (disk === undefined) throw new Error('the set-up has no second disk');
  const written = Buffer.from('Longhorn V2'.padEnd(4096, '.'));
  await inContainer(['dd', `of=${disk.path}`, 'bs=4096', 'seek=25', 'conv=fsync', 'status=none'], written);
  const content = await readFile(disk.file);
  expect(content.subarray(25 * 4096, 26 * 4096).equals(written)).toBe(true);
  expect(content.indexOf('Longhorn V2')).toBe(25 * 4096);
});

/** The kernel's names of the devices that the links of this set-up lead to, each with this set-up's file behind it. */
async function attached(setup: Setup): Promise<string[]> {
  return Promise.all(
    setup.disks.map(async ({ path, file }) => {
      const device = basename(await readlink(path));
      expect(await backingFile(device)).toContain(basename(file));
      return device;
    }),
  );
}

async function backingFile(device: string): Promise<string> {
  return readFile(join('/sys/block', device, 'loop', 'backing_file'), 'utf8').catch(() => '');
}

async function inContainer(argv: readonly string[], input?: Buffer): Promise<void> {
  const run = ['run', '--rm', '--interactive', '--privileged', '--network', 'none', '--volume', '/dev:/dev', image];
  await execa('docker', [...run, ...argv], input === undefined ? {} : { input });
}
