/** Whether there is a cluster to look at. */
import { ApiError } from '../../kubernetes/errors.ts';
import type { Reach } from '../../kubernetes/reach.ts';
import type { Check } from './check.ts';

/** Longer than any sound server needs, shorter than a person's patience. */
const timeoutMs = 15_000;

export const apiCheck: Check = {
  id: 'api',
  name: 'the Kubernetes API answers',
  weight: 'verdict',
  async look({ client, reach }) {
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const version = await client.with({ signal: AbortSignal.any([client.signal, deadline]) }).serverVersion();
      return { state: 'ok', seen: `Kubernetes ${version}` };
    } catch (error) {
      if (client.signal.aborted) throw error;
      const late = `no answer within ${String(timeoutMs / 1000)} s`;
      const seen = deadline.aborted ? late : error instanceof Error ? error.message : String(error);
      return { state: 'missing', seen, remedy: [whatToDo(error, reach)] };
    }
  },
};

/** Error codes of Node (errors of system calls, TLS and X.509), each with what is usually behind it. */
const advice: readonly { readonly codes: RegExp; readonly words: string }[] = [
  {
    codes: /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/,
    words: 'start the cluster, or the tunnel or VPN to it; to see what kubectl says:',
  },
  {
    codes: /^(ENOTFOUND|EAI_AGAIN)$/,
    words: "correct the server's name in the kubeconfig, or the name service; to see what kubectl says:",
  },
  {
    codes: /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_|ERR_OSSL|ERR_SSL)/,
    words: "fetch this cluster's kubeconfig anew: the certificate is not what it says; to see what kubectl says:",
  },
  {
    codes: /^(ENOENT|EACCES)$/,
    words: 'install the program that the kubeconfig takes credentials from; to see what kubectl says:',
  },
];

function whatToDo(error: unknown, { kubectl }: Reach): string {
  if (error instanceof ApiError && (error.statusCode === 401 || error.statusCode === 403)) {
    return `renew the credentials of this context, then ${kubectl} auth whoami`;
  }
  const codes = codesOf(error);
  const found = advice.find((one) => codes.some((code) => one.codes.test(code)));
  return `${found?.words ?? 'to see what kubectl says:'} ${kubectl} get --raw /version`;
}

/** The codes of an error and of what caused it. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code } = error as NodeJS.ErrnoException;
  return [...(typeof code === 'string' ? [code] : []), ...codesOf(error.cause)];
}
