/** Whether there is a cluster to look at. */
import { ApiError } from '../../kubernetes/errors.ts';
import type { Check } from './check.ts';

/** Longer than any sound server needs, shorter than a person's patience. */
const timeoutMs = 15_000;

export const apiCheck: Check = {
  id: 'api',
  name: 'the Kubernetes API answers',
  weight: 'verdict',
  async look({ client, kubectl }) {
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const version = await client.with({ signal: AbortSignal.any([client.signal, deadline]) }).serverVersion();
      return { state: 'ok', seen: `Kubernetes ${version}` };
    } catch (error) {
      if (client.signal.aborted) throw error;
      const late = `no answer within ${String(timeoutMs / 1000)} s`;
      const seen = deadline.aborted ? late : error instanceof Error ? error.message : String(error);
      const refused = error instanceof ApiError && (error.statusCode === 401 || error.statusCode === 403);
      return {
        state: 'missing',
        seen,
        remedy: [
          refused
            ? `renew the credentials of this context, then ${kubectl} auth whoami`
            : `${kubectl} get --raw /version`,
        ],
      };
    }
  },
};
