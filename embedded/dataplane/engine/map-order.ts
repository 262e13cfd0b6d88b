import type { SeededRandom } from '../random.ts';

/** The order in which Go walks a small map once: as inserted, from a random one of the bucket's eight places on. */
export function mapWalk<T>(inserted: readonly T[], random: SeededRandom): T[] {
  const place = random.integer(8);
  const start = place < inserted.length ? place : 0;
  return [...inserted.slice(start), ...inserted.slice(0, start)];
}

/**
 * The order of replicas at attach, mostly not rotated: the replica map is walked twice on its way from the request to the
 * raid. Measured over 40 attaches: 33:7 for two replicas, 20:14:6 for three.
 */
export function mapIterationOrder<T>(inserted: readonly T[], random: SeededRandom): T[] {
  return mapWalk(mapWalk(inserted, random), random);
}
