import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import type { Monitors } from './monitors.ts';

/** What the parts of the engine controller share. */
export interface EngineWork {
  cluster: LonghornCluster;
  recorder: EventRecorder;
  monitors: Monitors;
  /** Removals and rebuilds under way, by engine and address. */
  underWay: Set<string>;
  onError: (engine: string, error: unknown) => void;
}
