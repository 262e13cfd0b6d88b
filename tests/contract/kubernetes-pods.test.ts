/** What the scenario relies on from pods: that they run, answer exec and keep a log. */
import { configMaps, pods } from '../../helpers/kubernetes/core-kinds.ts';
import { met, pending, waitFor } from '../../helpers/kubernetes/wait.ts';
import { waitUntilGone } from '../../helpers/longhorn/sweep.ts';
import { refusal } from './refusal.ts';
import { expect, from, test } from './target.ts';

const timeoutMs = 30_000;

test.describe('a pod', () => {
  test(
    'runs, mounts a ConfigMap, answers exec with exit codes, and keeps its log',
    from(
      'kubernetes.io/docs/concepts/storage/volumes#configmap',
      'kubernetes:staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go@v1.33.1',
    ),
    async ({ client, create, target, workspace }) => {
      test.setTimeout(300_000);
      await create(configMaps, {
        metadata: { name: 'files', namespace: workspace },
        data: { 'hello.txt': 'hello from a file\n' },
      });
      const pod = await create(pods, {
        metadata: { name: 'worker', namespace: workspace },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 1,
          imagePullSecrets: target.imagePullSecrets,
          containers: [
            {
              name: 'main',
              image: target.podImage,
              command: ['node', '-e', 'console.log("started"); setInterval(() => {}, 1 << 30)'],
              volumeMounts: [{ name: 'files', mountPath: '/files' }],
            },
          ],
          volumes: [{ name: 'files', configMap: { name: 'files' } }],
        },
      });
      await waitFor(client, {
        what: 'the pod ready',
        expected: 'condition Ready',
        sources: { pods: { kind: pods, ...pod.ref } },
        until: ({ pods: [found] }) =>
          found?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
            ? met(undefined)
            : pending(found?.status?.phase ?? 'absent'),
        timeoutMs: 240_000,
      });
      const exec = client.exec({ namespace: workspace, name: 'worker', container: 'main' });
      const options = { timeoutMs, signal: client.signal };

      const told = await exec(
        ['node', '-e', 'process.stdout.write(require("fs").readFileSync("/files/hello.txt"))'],
        options,
      );
      expect(told).toMatchObject({ exitCode: 0, stdout: 'hello from a file\n' });

      const script = 'console.log("out"); console.error("err"); process.exitCode = 3';
      expect(await exec(['node', '-e', script], options)).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });

      const large = await exec(['node', '-e', 'process.stdout.write("x".repeat(300000))'], options);
      expect(large.stdout).toHaveLength(300_000);

      await expect(exec(['/no/such/program'], options)).rejects.toThrow(/no such file or directory|not found/);

      expect(await client.logs({ namespace: workspace, name: 'worker' })).toBe('started\n');

      await client.delete(pod);
      await waitUntilGone(client, pod, 60_000);
    },
  );

  test(
    'that is not there refuses exec with 404',
    from('kubernetes:staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go@v1.33.1'),
    async ({ client, workspace }) => {
      const exec = client.exec({ namespace: workspace, name: 'nope' });
      expect((await refusal(exec(['true'], { timeoutMs, signal: client.signal }))).statusCode).toBe(404);
    },
  );
});
