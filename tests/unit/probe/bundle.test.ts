import assert from 'node:assert/strict';
import { execa } from 'execa';
import { bundleProbe, probeFileNames } from '../../../helpers/probe/bundle.ts';
import { test } from './machine.ts';

test('the bundle is one small file that needs nothing but Node', async () => {
  const { code, sha256 } = await bundleProbe();
  assert.ok(Buffer.byteLength(code) <= 100 * 1024, `${Buffer.byteLength(code)} bytes`);
  assert.match(sha256, /^[0-9a-f]{64}$/);
  const required = [...code.matchAll(/require\("([^"]+)"\)/g)].map((match) => match[1]);
  assert.ok(required.length > 0);
  assert.deepEqual(
    required.filter((name) => name?.startsWith('node:') !== true),
    [],
  );
});

test('a wrong command line ends with its exit code, one line and the usage', async ({ bench }) => {
  for (const args of [
    [],
    ['pass'],
    ['fly'],
    ['pass', '--wings'],
    ['identify', '--device', '/dev/null', '--nonce', 'x'],
  ]) {
    const { exitCode, stdout, stderr } = await execa('node', [bench.path(probeFileNames.program), ...args], {
      reject: false,
    });
    assert.equal(exitCode, 64, args.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, /^probe: usage: .+\nusage: probe identify/);
  }
});
