import type { PassShape } from '../oracle/plan.ts';
import type { JudgedPass } from './passes.ts';
import type { Sampling } from './verdict.ts';

/**
 * What passes alone could have missed. raid1 sends a read to the base bdev with the fewest outstanding blocks, the
 * lowest slot on a tie (spdk:module/bdev/raid/raid1.c@v24.09): with one request in flight always the same replica, with
 * many about 1/n of them to each. A fault of m requests on one of n replicas then hides from one pass with chance
 * (1−1/n)^m. Passes of one shape repeat each other's distribution, so each shape counts once, and only with at least two
 * requests in flight per replica. Null when no replicas answered together after the rebuild.
 */
export function sampling(judged: readonly JudgedPass[]): Sampling | null {
  const shared = judged.filter(
    ({ pass, outcome }) =>
      (pass.phase === 'rebuilt' || pass.phase === 'reattached') && pass.replicas.length > 1 && outcome !== 'no-result',
  );
  if (shared.length === 0) return null;
  const replicas = Math.max(...shared.map(({ pass }) => pass.replicas.length));
  const sampled = shared.filter(({ pass }) => pass.shape.depth >= 2 * pass.replicas.length);
  const independentPasses = new Set(sampled.map(({ pass }) => `${pass.phase} ${shapeKey(pass.shape)}`)).size;
  const missOne = 1 - 1 / replicas;
  return {
    replicas,
    passes: shared.length,
    independentPasses,
    share: 1 / replicas,
    missOneRequest: independentPasses === 0 ? missOne : missOne ** independentPasses,
    missEightRequests: independentPasses === 0 ? missOne : missOne ** (8 * independentPasses),
    missAtDepthOne: missOne,
  };
}

function shapeKey({ requestBytes, phaseBytes, depth }: PassShape): string {
  return `${requestBytes} ${phaseBytes} ${depth}`;
}
