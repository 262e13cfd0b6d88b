import type { ExecOutcome, ExecRequest, LogRequest, PodBackend } from '../../../embedded/runtime/contract.ts';
import type { ObjectStore } from '../../../embedded/apiserver/object-store.ts';

const written = (stream: ExecRequest['stdout'], chunk: Uint8Array | string): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(chunk, (error) => (error ? reject(error) : resolve()));
  });

const exited = (exitCode: number): ExecOutcome => ({ kind: 'exited', exitCode });

async function run(request: ExecRequest): Promise<ExecOutcome> {
  const { command, stdout, stderr, stdin } = request;
  const line = command.join(' ');
  if (line === '/no/such')
    return {
      kind: 'failed',
      message: 'failed to exec in container: exec: "/no/such": stat /no/such: no such file or directory',
    };
  if (command[0] === 'cat') {
    for await (const chunk of stdin ?? []) await written(stdout, chunk as Buffer);
    return exited(0);
  }
  if (line.includes('dd if=/dev/zero')) {
    await written(stdout, Buffer.alloc(200 * 1024, 'a'));
    return exited(0);
  }
  if (line.includes('echo before')) {
    await written(stdout, 'before\n');
    return exited(3);
  }
  if (line.includes('echo err')) {
    await written(stderr, 'err\n');
    await written(stdout, 'out\n');
    return exited(0);
  }
  if (line === 'sleep') {
    await new Promise((resolve) => request.signal.addEventListener('abort', resolve, { once: true }));
    return exited(137);
  }
  await written(stdout, `${command.slice(1).join(' ')}\n`);
  return exited(0);
}

const logLines = ['started', 'second line'];

async function logs(request: LogRequest): Promise<void> {
  const lines = request.tailLines === undefined ? logLines : logLines.slice(-request.tailLines);
  for (const line of lines) {
    const stamp = request.timestamps ? '2026-11-22T15:26:44.249596334Z ' : '';
    await written(request.output, `${stamp}${line}\n`);
  }
  if (request.follow) {
    await written(request.output, 'followed\n');
    await new Promise((resolve) => request.signal.addEventListener('abort', resolve, { once: true }));
  }
}

/** Commands that behave like those of the recording, without processes. */
export const fakePods: PodBackend = { exec: run, logs };

/** A pod that is running, as far as the API server can see. */
export function addPod(store: ObjectStore, name: string): void {
  const namespace = 'default';
  store.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      nodeName: 'node2',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: 'localhost/busybox:1', command: ['/bin/sh'] }],
    },
  });
  store.mutate(
    { resource: 'pods', namespace, name },
    (draft) => {
      draft.status = {
        ...draft.status,
        phase: 'Running',
        containerStatuses: [{ name: 'c', ready: true, restartCount: 0, state: { running: {} } }],
      };
    },
    { subresource: 'status' },
  );
}
