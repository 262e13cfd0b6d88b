import { setTimeout as sleep } from 'node:timers/promises';
import type { Lvol } from '../../dataplane/blobstore/lvol.ts';
import type { Lvstore } from '../../dataplane/blobstore/lvstore.ts';
import { longhorn } from '../defects.ts';
import type { RunnableFault } from '../fault.ts';
import { type BaseBdevRequest, bytesBefore, noteRange } from '../writes.ts';

interface UnderWay {
  readonly engineName: string;
  readonly request: BaseBdevRequest;
  /** Where the write is. */
  readonly reached: Lvol | undefined;
}

export const salvageKeepsUnequalReplicas: RunnableFault = {
  kind: 'fault',
  id: 'FM47',
  name: 'salvage keeps unequal replicas',
  model:
    'A write in flight at a crash has reached one replica and not the others; all of them stay RW, and nobody makes them equal.',
  copies: [longhorn(8659)],
  scenarios: ['crash-with-writes-in-flight'],
  parameters: {
    delay: { kind: 'integer', default: 40, min: 1, max: 1000, text: 'milliseconds by which the others are later' },
  },
  expected: {
    findings: ['unstable-in-flight'],
    wrongBytes: ['older-generation', 'parent-shows-through', 'zeros', 'garbage'],
    replica: 'all',
  },
  hooks({ parameters, liveness }) {
    const underWay = new Set<UnderWay>();
    const reached = new WeakMap<Uint8Array, Lvol>();
    return {
      baseBdevWrite(request) {
        if (request.operation !== 'write') return { kind: 'apply' };
        const { engineName, data, lvol } = request;
        if (request.slot === 0 && data !== undefined) reached.set(data, lvol);
        const write: UnderWay = { engineName, request, reached: data && reached.get(data) };
        const when = sleep(parameters.integer('delay'), undefined, { ref: false }).then(() => {
          underWay.delete(write);
        });
        if (request.slot === 0) return { kind: 'slow', when, lands: 'at-once' };
        underWay.add(write);
        return { kind: 'slow', when, lands: 'then' };
      },
      event(event) {
        if (event.kind !== 'crashed') return;
        for (const { engineName, request, reached } of underWay) {
          if (!event.engines.includes(engineName) || request.data === undefined || reached === undefined) continue;
          // A replica that is lost with the engine, while others are not, is made anew from them.
          const lost = [request.lvol, reached].filter(({ store }) => event.lvstores.includes(store as Lvstore));
          if (lost.length === 1) continue;
          if (bytesBefore(request).equals(request.data)) continue;
          noteRange(liveness, request, 'never arrived, and did on another replica');
        }
      },
    };
  },
};
