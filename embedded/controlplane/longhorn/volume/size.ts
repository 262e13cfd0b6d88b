import type { Engine } from '../model/engine.ts';
import { replicaList } from './volume-pass.ts';
import type { VolumePass } from './volume-pass.ts';

/** Keeps actualSize, and hands a new size to the engine and the replicas. The monitor of the engine, or of its frontend, does the expansion. */
export function reconcileSize(pass: VolumePass, engine: Engine): void {
  const { frontend, recorder, volume } = pass;
  const status = engine.status;
  // Of a V2 volume whose frontend is an object, that must serve the size too (reconcileVolumeSize@v1.12.1).
  const served =
    status?.currentSize === volume.spec.size &&
    (frontend?.status?.currentSize ?? volume.spec.size) === volume.spec.size;
  if (status !== undefined && status.snapshotsError === '') {
    const sizes = Object.values(status.snapshots ?? {}).map((snapshot) => Number(snapshot.size));
    volume.status.actualSize = sizes.reduce((sum, size) => sum + size, 0);
  }
  if (engine.spec.volumeSize !== volume.spec.size) {
    if (served) {
      volume.status.expansionRequired = false;
      const message = `Canceled expanding the volume ${volume.metadata.name}, will automatically detach it`;
      recorder.normal(volume, 'CanceledExpansion', message);
    } else volume.status.expansionRequired = true;
    engine.spec.volumeSize = volume.spec.size;
    for (const replica of replicaList(pass)) replica.spec.volumeSize = volume.spec.size;
    if (frontend !== undefined) Object.assign(frontend.spec, { volumeSize: volume.spec.size, size: volume.spec.size });
  }
  if (volume.status.expansionRequired && status?.currentState === 'running' && served) {
    volume.status.expansionRequired = false;
  }
}
