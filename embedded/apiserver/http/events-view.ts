/** events.k8s.io/v1 and core/v1 events are two views of the same objects; the core form is the one that is stored. */
import type { KubeObject } from '../store.ts';

const pairs = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  ['deprecatedSource', 'source'],
  ['reportingController', 'reportingComponent'],
] as const;

function rename(object: KubeObject, from: 0 | 1, apiVersion: string): KubeObject {
  const result: KubeObject = { ...object, apiVersion };
  for (const pair of pairs) {
    const [source, target] = [pair[from], pair[(1 - from) as 0 | 1]];
    if (result[source] !== undefined) result[target] = result[source];
    delete result[source];
  }
  return result;
}

export const toEventsView = (object: KubeObject): KubeObject => rename(object, 1, 'events.k8s.io/v1');
export const toCoreEvent = (object: KubeObject): KubeObject => rename(object, 0, 'v1');
