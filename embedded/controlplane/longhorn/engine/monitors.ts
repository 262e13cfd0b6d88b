import type { EventRecorder } from '../cluster/event-recorder.ts';
import type { LonghornCluster } from '../cluster/longhorn-cluster.ts';
import { startPoller } from '../cluster/poller.ts';
import { enginePollSeconds, refreshEngine } from './engine-monitor.ts';

/** One poller per running engine, as the engine controller keeps them. */
export interface Monitors {
  start(engine: string): void;
  stop(engine: string): void;
  refresh(engine: string): Promise<void>;
  notePurge(engine: string): void;
  /** Work that must have ended before the control plane has stopped. */
  track(work: Promise<void>): void;
  settled(): Promise<void>;
}

export function createMonitors(
  cluster: LonghornCluster,
  recorder: EventRecorder,
  onError: (key: string, error: unknown) => void,
): Monitors {
  const stops = new Map<string, AbortController>();
  const purged = new Map<string, Set<string>>();
  const work = new Set<Promise<void>>();
  const track = (promise: Promise<void>): void => {
    work.add(promise);
    void promise.finally(() => work.delete(promise));
  };
  const refresh = (engine: string): Promise<void> =>
    refreshEngine(cluster, recorder, engine, purged.get(engine) ?? new Set());
  return {
    track,
    refresh,
    start(engine) {
      if (stops.has(engine)) return;
      const stop = new AbortController();
      stops.set(engine, stop);
      track(
        startPoller({
          clock: cluster.clock,
          signal: AbortSignal.any([cluster.signal, stop.signal]),
          intervalSeconds: enginePollSeconds,
          tick: () => refresh(engine),
          onError: (error) => {
            onError(engine, error);
          },
        }),
      );
    },
    stop(engine) {
      stops.get(engine)?.abort();
      stops.delete(engine);
      purged.delete(engine);
    },
    notePurge(engine) {
      const addresses = Object.values(cluster.engines.get(engine)?.status?.currentReplicaAddressMap ?? {});
      purged.set(engine, new Set(addresses));
    },
    async settled() {
      await Promise.allSettled([...work]);
    },
  };
}
