import type { PassShape } from '../oracle/plan.ts';
import { isOfOneVolume } from '../oracle/parallel-plan.ts';
import { contentOf } from './history.ts';
import type { JudgedPass } from './passes.ts';
import type { Sampling } from './verdict.ts';

/**
 * What passes alone could have missed. raid1 sends a read to the base bdev with the fewest outstanding blocks, the
 * lowest slot on a tie (spdk:module/bdev/raid/raid1.c@v24.09): with one request in flight always the same replica, with
 * many about 1/n of them to each. A fault of m requests on one of n replicas then hides from one pass with chance
 * (1−1/n)^m. Passes of one shape repeat each other's distribution, so each shape counts once, and only with at least two
 * requests in flight per replica. Null when no replicas answered together after the rebuild. Of several volumes it is
 * said of the one that was read least.
 */
export function sampling(judged: readonly JudgedPass[]): Sampling | null {
  const all = judged.filter(
    ({ pass, outcome }) =>
      (pass.phase === 'rebuilt' || pass.phase === 'reattached') && pass.replicas.length > 1 && outcome !== 'no-result',
  );
  const volumes = [...new Set(all.map(volumeOf))].map((volume) => all.filter((one) => volumeOf(one) === volume));
  const [shared] = volumes.sort((a, b) => a.length - b.length);
  if (shared === undefined) return null;
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

function volumeOf({ pass }: JudgedPass): string {
  const content = contentOf(pass);
  return isOfOneVolume(content) ? content : '';
}

function shapeKey({ requestBytes, phaseBytes, depth }: PassShape): string {
  return `${requestBytes} ${phaseBytes} ${depth}`;
}
