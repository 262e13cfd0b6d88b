import type { SeededRandom } from '../random.ts';

/**
 * The order in which Go walks a small map: as inserted, from a random one of the bucket's eight places on, so mostly not
 * rotated. The replica map is walked twice on its way from the request to the raid, hence two draws. Measured over 40
 * attaches: 33:7 for two replicas, 20:14:6 for three.
 */
export function mapIterationOrder<T>(inserted: readonly T[], random: SeededRandom): T[] {
  const rotate = (items: readonly T[]): T[] => {
    const place = random.integer(8);
    const start = place < items.length ? place : 0;
    return [...items.slice(start), ...items.slice(0, start)];
  };
  return rotate(rotate(inserted));
}
