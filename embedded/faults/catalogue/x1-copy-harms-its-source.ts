import { clusterBytes, shown } from '../clusters.ts';
import type { SeededRandom } from '../../dataplane/random.ts';
import type { RunnableFault } from '../fault.ts';
import { rebuildParameter, replicaOfRebuildingLvol, struckRebuilds } from '../rebuilds.ts';

const sectorBytes = 512;

export const copyHarmsItsSource: RunnableFault = {
  kind: 'fault',
  id: 'X1',
  name: 'copy harms its source',
  model: 'When a cluster is copied, a sector of it is zeroed in the snapshot that it is copied from.',
  copies: [],
  scenarios: ['degraded-writes'],
  parameters: {
    clusters: { kind: 'integer', default: 4, min: 1, max: 1000, text: 'how many clusters are harmed' },
    rebuild: rebuildParameter,
  },
  expected: { findings: ['content'], wrongBytes: ['zeros'], replica: 'one' },
  hooks({ parameters, liveness, random }) {
    const strikes = struckRebuilds(parameters);
    let left = parameters.integer('clusters');
    return {
      clusterCopy({ source, destination, index }) {
        if (left === 0 || !strikes(replicaOfRebuildingLvol(destination.name))) return { kind: 'copy' };
        const content = shown(source, index);
        const sector = nonZeroSector(content, random);
        if (sector === undefined || random.next() > 0.4) return { kind: 'copy' };
        left -= 1;
        source.store.file.write(source.table[index] ?? 0, sector * sectorBytes, Buffer.alloc(sectorBytes));
        liveness.noteBytes({
          lvolName: source.name,
          offsetBytes: index * clusterBytes + sector * sectorBytes,
          lengthBytes: sectorBytes,
          how: 'zeroed when it was copied',
        });
        return { kind: 'replace', content };
      },
    };
  },
};

/** One of the sectors that are not zero already. */
function nonZeroSector(content: Buffer, random: SeededRandom): number | undefined {
  const all = Array.from({ length: clusterBytes / sectorBytes }, (_, sector) => sector);
  const candidates = all.filter((sector) =>
    content.subarray(sector * sectorBytes, (sector + 1) * sectorBytes).some((byte) => byte !== 0),
  );
  return candidates[random.integer(candidates.length)];
}
