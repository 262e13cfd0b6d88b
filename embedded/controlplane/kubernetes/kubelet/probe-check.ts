import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container, Probe } from '../objects/pod.ts';

export type ProbeResult = { kind: 'success' } | { kind: 'failure'; output: string };

export interface ProbeTarget {
  container: Container;
  podIp: string;
  /** Runs a command in the container; the output is cut to a few KiB. */
  exec: (command: readonly string[], signal: AbortSignal) => Promise<{ exitCode: number; output: string }>;
}

function portOf(container: Container, port: number | string): number {
  if (typeof port === 'number') {
    return port;
  }
  return container.ports?.find((entry) => entry.name === port)?.containerPort ?? Number(port);
}

/** As Go words the commonest connection errors. */
function connectionError(error: unknown, address: string): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ECONNREFUSED'
    ? `dial tcp ${address}: connect: connection refused`
    : String((error as Error).message);
}

async function checkHttp(
  target: ProbeTarget,
  probe: NonNullable<Probe['httpGet']>,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const host = probe.host ?? target.podIp;
  const port = portOf(target.container, probe.port);
  const secure = probe.scheme === 'HTTPS';
  const path = probe.path ?? '/';
  const headers = Object.fromEntries((probe.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  const options = {
    host,
    port,
    path,
    headers: { 'User-Agent': 'kube-probe/1.36', ...headers },
    signal,
    agent: false as const,
  };
  const call = secure ? secureRequest({ ...options, rejectUnauthorized: false }) : request(options);
  try {
    call.end();
    const [response] = (await once(call, 'response', { signal })) as [IncomingMessage];
    response.resume();
    const status = response.statusCode ?? 0;
    return status >= 200 && status < 400
      ? { kind: 'success' }
      : { kind: 'failure', output: `HTTP probe failed with statuscode: ${status}` };
  } catch (error) {
    const url = `${secure ? 'https' : 'http'}://${host}:${port}${path}`;
    const why = signal.aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : connectionError(error, `${host}:${port}`);
    return { kind: 'failure', output: `Get "${url}": ${why}` };
  } finally {
    call.on('error', () => undefined).destroy();
  }
}

async function checkTcp(
  target: ProbeTarget,
  probe: NonNullable<Probe['tcpSocket']>,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const host = probe.host ?? target.podIp;
  const port = portOf(target.container, probe.port);
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal });
    return { kind: 'success' };
  } catch (error) {
    const address = `${host}:${port}`;
    return {
      kind: 'failure',
      output: signal.aborted ? `dial tcp ${address}: i/o timeout` : connectionError(error, address),
    };
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

async function checkExec(target: ProbeTarget, command: readonly string[], signal: AbortSignal): Promise<ProbeResult> {
  const { exitCode, output } = await target.exec(command, signal);
  if (signal.aborted) {
    return { kind: 'failure', output: `command ${JSON.stringify(command.join(' '))} timed out` };
  }
  return exitCode === 0 ? { kind: 'success' } : { kind: 'failure', output };
}

/** One attempt of a probe; a probe without a handler succeeds. The signal is the probe's time-out. */
export function checkProbe(target: ProbeTarget, probe: Probe, signal: AbortSignal): Promise<ProbeResult> {
  if (probe.exec !== undefined) {
    return checkExec(target, probe.exec.command ?? [], signal);
  }
  if (probe.httpGet !== undefined) {
    return checkHttp(target, probe.httpGet, signal);
  }
  if (probe.tcpSocket !== undefined) {
    return checkTcp(target, probe.tcpSocket, signal);
  }
  return Promise.resolve({ kind: 'success' });
}
