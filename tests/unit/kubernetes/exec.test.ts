import type { WebSocket } from 'ws';
import { ApiError, ExecConnectionLost } from '../../../helpers/kubernetes/errors.ts';
import type { ExecResult } from '../../../helpers/probe/exec.ts';
import type { KubeClient } from '../../../helpers/kubernetes/client.ts';
import { expect, namespace, test } from './test.ts';

const success = '{"metadata":{},"status":"Success"}';
// As a real server words them: recorded exec frames of Kubernetes 1.36.
const exitThree =
  '{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: command terminated with exit code 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}';
const notStarted =
  '{"metadata":{},"status":"Failure","message":"Internal error occurred: exec: \\"/no/such\\": no such file or directory","reason":"InternalError","code":500}';

function frame(channel: number, text: string): Buffer {
  return Buffer.concat([Buffer.from([channel]), Buffer.from(text)]);
}

function run(
  client: KubeClient,
  options: { timeoutMs?: number; onStderrLine?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<ExecResult> {
  return client.exec({ namespace, name: 'ex', container: 'main' })(['sh', '-c', 'echo a b'], {
    timeoutMs: 5_000,
    signal: client.signal,
    ...options,
  });
}

function say(socket: WebSocket, ...frames: Buffer[]): void {
  for (const part of frames) socket.send(part);
}

test('exec resolves with the exit code that the status frame reports, not when it connects', async ({
  api,
  client,
}) => {
  let url = '';
  api.onExec((socket, request) => {
    url = request.url ?? '';
    say(socket, frame(1, ''), frame(1, 'before\n'), frame(2, 'warning\n'), frame(3, exitThree));
    socket.close(1000);
  });
  expect(await run(client)).toEqual({ exitCode: 3, stdout: 'before\n', stderr: 'warning\n' });
  expect(url).toBe(
    '/api/v1/namespaces/test/pods/ex/exec?command=sh&command=-c&command=echo+a+b&container=main&stdout=true&stderr=true',
  );
});

test('success is exit code 0, and a character cut in two frames stays whole', async ({ api, client }) => {
  const euro = Buffer.from('€');
  api.onExec((socket) => {
    say(
      socket,
      Buffer.concat([Buffer.from([1]), euro.subarray(0, 1)]),
      Buffer.concat([Buffer.from([1]), euro.subarray(1)]),
    );
    say(socket, frame(3, success));
  });
  expect(await run(client)).toEqual({ exitCode: 0, stdout: '€', stderr: '' });
});

for (const how of ['close', 'terminate'] as const) {
  test(`a connection that ends (${how}) without a status is a lost outcome, never an exit code`, async ({
    api,
    client,
  }) => {
    api.onExec((socket) => {
      socket.send(frame(1, 'half a result'), () => {
        socket[how]();
      });
    });
    await expect(run(client)).rejects.toThrow(ExecConnectionLost);
  });
}

test('a command that could not be started is an error with the words of the server', async ({ api, client }) => {
  api.onExec((socket) => {
    say(socket, frame(3, notStarted));
  });
  await expect(run(client)).rejects.toThrow('"/no/such": no such file or directory');
});

test('a pod that is not there is an answer of the API, not a lost connection', async ({ client }) => {
  await expect(run(client)).rejects.toThrow(ApiError);
  await expect(run(client)).rejects.toThrow('pods "nope" not found');
});

test('whole lines of standard error arrive while the command runs', async ({ api, client }) => {
  const lines: string[] = [];
  let finish: () => void = () => undefined;
  api.onExec((socket) => {
    say(socket, frame(2, 'progress 1 '), frame(2, '10\nprogress 2 10\nunfin'));
    finish = () => {
      say(socket, frame(2, 'ished'), frame(3, success));
    };
  });
  const running = run(client, { onStderrLine: (line) => lines.push(line) });
  await expect.poll(() => lines, { intervals: [10] }).toEqual(['progress 1 10', 'progress 2 10']);
  finish();
  await running;
  expect(lines).toEqual(['progress 1 10', 'progress 2 10', 'unfinished']);
});

test('a command that does not finish in time is a lost outcome', async ({ api, client }) => {
  api.onExec(() => undefined);
  await expect(run(client, { timeoutMs: 200 })).rejects.toThrow(/not finished within 200 ms; its outcome is unknown/);
});

test('an abort ends an exec with its reason and closes the connection', async ({ api, client, abort }) => {
  let closed = false;
  let connected = false;
  api.onExec((socket) => {
    connected = true;
    socket.on('close', () => (closed = true));
  });
  const running = run(client);
  const outcome = expect(running).rejects.toThrow('enough');
  await expect.poll(() => connected, { intervals: [10] }).toBe(true);
  abort.abort(new Error('enough'));
  await outcome;
  await expect.poll(() => closed, { intervals: [10] }).toBe(true);
});

test('output beyond all reason is refused instead of filling the memory', async ({ api, client }) => {
  api.onExec((socket) => {
    const chunk = Buffer.alloc(4 * 1024 * 1024, 1);
    for (let sent = 0; sent < 12; sent++) socket.send(chunk);
  });
  await expect(run(client)).rejects.toThrow(/more than \d+ bytes of output/);
});
