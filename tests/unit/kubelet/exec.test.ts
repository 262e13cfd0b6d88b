import { PassThrough, Readable, Writable } from 'node:stream';
import { expect, test } from '@playwright/test';
import { shellPod, startTestCluster, type TestCluster } from './cluster.ts';

let cluster: TestCluster;
test.beforeEach(async () => {
  cluster = await startTestCluster();
});
test.afterEach(async () => {
  await cluster.stop();
});

async function startPod(): Promise<void> {
  cluster.createPod('ex', shellPod('while :; do sleep 0.05; done', { env: [{ name: 'WORD', value: 'hello' }] }));
  await cluster.untilReady('ex');
}

test('exec returns output, error output and exit code apart', async () => {
  await startPod();
  const result = await cluster.exec('ex', ['sh', '-c', 'echo out; echo err >&2; exit 3']);
  expect(result).toEqual({ outcome: { kind: 'exited', exitCode: 3 }, stdout: 'out\n', stderr: 'err\n' });
});

test('exec feeds standard input until it ends', async () => {
  await startPod();
  expect(await cluster.exec('ex', ['cat'], 'hello stdin\n')).toMatchObject({
    stdout: 'hello stdin\n',
    outcome: { exitCode: 0 },
  });
});

test('a program that does not read its input still ends with its own exit code', async () => {
  await startPod();
  const { outcome } = await cluster.exec('ex', ['sh', '-c', 'exit 5'], 'x'.repeat(1_000_000));
  expect(outcome).toEqual({ kind: 'exited', exitCode: 5 });
});

test("exec sees the container's environment and nothing of this machine's", async () => {
  process.env['SECRET_OF_THE_HOST'] = 'secret';
  await startPod();
  const { stdout } = await cluster.exec('ex', ['env']);
  delete process.env['SECRET_OF_THE_HOST'];
  expect(stdout).toContain('WORD=hello\n');
  expect(stdout).toContain('HOSTNAME=ex\n');
  expect(stdout).not.toContain('SECRET_OF_THE_HOST');
});

test('a command that does not exist fails in the words of the container runtime', async () => {
  await startPod();
  const words = (tail: string): RegExp =>
    new RegExp(
      `^failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: ${tail}$`,
    );
  const absolute = await cluster.exec('ex', ['/no/such']);
  expect(absolute.outcome).toMatchObject({
    kind: 'failed',
    message: expect.stringMatching(words('exec: "/no/such": stat /no/such: no such file or directory')),
  });
  const bare = await cluster.exec('ex', ['nosuch']);
  expect(bare.outcome).toMatchObject({
    message: expect.stringMatching(words('exec: "nosuch": executable file not found in \\$PATH')),
  });
});

test('a signal that ends the command is 128 plus its number', async () => {
  await startPod();
  expect((await cluster.exec('ex', ['sh', '-c', 'kill -TERM $$'])).outcome).toEqual({ kind: 'exited', exitCode: 143 });
});

test('a client that goes away takes the command with it', async () => {
  await startPod();
  const abort = new AbortController();
  const stdout = new PassThrough();
  const running = cluster.kubernetes.backend.exec({
    namespace: 'default',
    pod: 'ex',
    container: undefined,
    tty: false,
    stdin: undefined,
    stdout,
    stderr: new PassThrough(),
    command: ['sh', '-c', 'echo $$; sleep 1000 & wait'],
    signal: abort.signal,
  });
  const [line] = (await stdout.take(1).toArray()) as Buffer[];
  const pid = Number(line?.toString());
  expect(() => process.kill(pid, 0)).not.toThrow();
  abort.abort(new Error('the client is gone'));
  // `sleep` holds the output open: the exec only ends because it was killed too.
  expect(await running).toEqual({ kind: 'exited', exitCode: 137 });
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('output is produced only as fast as it is read', async () => {
  await startPod();
  let received = 0;
  let release: () => void = () => undefined;
  const stdout = new Writable({
    highWaterMark: 1024,
    write(chunk: Buffer, _encoding, callback) {
      received += chunk.length;
      release = callback;
    },
  });
  const abort = new AbortController();
  const running = cluster.kubernetes.backend.exec({
    namespace: 'default',
    pod: 'ex',
    container: undefined,
    tty: false,
    stdin: undefined,
    stdout,
    stderr: new PassThrough(),
    command: ['sh', '-c', 'i=0; while [ $i -lt 64 ]; do head -c 65536 /dev/zero; i=$((i+1)); echo $i > progress; done'],
    signal: abort.signal,
  });
  // Another exec runs to its end meanwhile, several times over: the first one is held up by its reader alone.
  for (let round = 0; round < 5; round += 1) {
    await cluster.exec('ex', ['true']);
  }
  const { stdout: progress } = await cluster.exec('ex', ['cat', 'progress']).catch(() => ({ stdout: '' }));
  expect(Number(progress || '0')).toBeLessThan(16);
  expect(received).toBeLessThan(1_000_000);
  abort.abort(new Error('enough'));
  release();
  stdout.destroy();
  await running;
});

test('exec into a pod or container that is not there is refused as the API server would', async () => {
  await startPod();
  await expect(cluster.exec('nope', ['true'])).rejects.toMatchObject({ code: 404, message: 'pods "nope" not found' });
  await expect(
    cluster.kubernetes.backend.logs({
      namespace: 'default',
      pod: 'ex',
      container: 'zz',
      follow: false,
      previous: false,
      tailLines: undefined,
      sinceSeconds: undefined,
      timestamps: false,
      limitBytes: undefined,
      output: new PassThrough(),
      signal: new AbortController().signal,
    }),
  ).rejects.toMatchObject({ code: 400, message: 'container zz is not valid for pod ex' });
});

test('mounted paths are rewritten in exec too, ConfigMap files are there', async () => {
  const data = { 'probe.mjs': 'console.log(process.argv.slice(2).join(" "))' };
  cluster.store.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'probe', namespace: 'default' },
    data,
  });
  cluster.createPod('probe', {
    containers: [
      {
        name: 'main',
        image: 'node:22-slim',
        command: ['node', '-e', 'setInterval(() => {}, 1000)'],
        volumeMounts: [
          { name: 'probe', mountPath: '/opt/probe' },
          { name: 'scratch', mountPath: '/scratch' },
        ],
      },
    ],
    volumes: [
      { name: 'probe', configMap: { name: 'probe' } },
      { name: 'scratch', emptyDir: {} },
    ],
  });
  await cluster.untilReady('probe');
  const result = await cluster.exec('probe', ['node', '/opt/probe/probe.mjs', '--out=/scratch/a', '/scratches/b']);
  expect(result.outcome).toEqual({ kind: 'exited', exitCode: 0 });
  expect(result.stdout).toMatch(/^--out=\/.*\/volumes\/scratch\/a \/scratches\/b\n$/);
});

test("an image's own program is found at its usual absolute path", async () => {
  cluster.createPod('node', {
    containers: [
      {
        name: 'main',
        image: 'docker.io/library/node:22',
        command: ['/usr/local/bin/node', '-e', 'setInterval(() => {}, 1000)'],
      },
    ],
  });
  await cluster.untilReady('node');
  const { stdout } = await cluster.exec('node', ['node', '-p', 'process.version']);
  expect(stdout.trim()).toBe(process.version);
});

test('a terminal edits lines, echoes them, and ends a shell with Ctrl-D', async () => {
  await startPod();
  const stdout = new PassThrough();
  const shown = stdout.toArray() as Promise<Buffer[]>;
  const outcome = await cluster.kubernetes.backend.exec({
    namespace: 'default',
    pod: 'ex',
    container: undefined,
    tty: true,
    command: ['sh'],
    stdout,
    stderr: new PassThrough(),
    stdin: Readable.from([Buffer.from('echo wrxx\x7f\x7food\r'), Buffer.from('\x04')]),
    signal: new AbortController().signal,
  });
  stdout.end();
  const screen = Buffer.concat(await shown).toString();
  expect(outcome).toEqual({ kind: 'exited', exitCode: 0 });
  expect(screen).toContain('echo wrxx\b \b\b \bood\r\n');
  expect(screen).toContain('wrood\r\n');
});
