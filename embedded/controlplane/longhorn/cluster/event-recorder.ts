import type { ClusterStore, KubeObject } from '../../../apiserver/store.ts';
import type { Clock } from '../../../clock.ts';
import { longhornNamespace } from './names.ts';
import type { SeededNames } from './random.ts';

export interface EventRecorder {
  normal(object: KubeObject, reason: string, message: string): void;
  warning(object: KubeObject, reason: string, message: string): void;
}

export type RecorderOf = (component: string) => EventRecorder;

/** Events as client-go's recorder writes them: the same event again raises `count` instead of adding an object. */
export function createEventRecorders(options: { store: ClusterStore; clock: Clock; names: SeededNames }): RecorderOf {
  const { store, clock, names } = options;
  const known = new Map<string, string>();

  const record = (component: string, type: string, object: KubeObject, reason: string, message: string): void => {
    const namespace = object.metadata.namespace ?? longhornNamespace;
    const key = JSON.stringify([component, type, object.kind, object.metadata.uid, reason, message]);
    const earlier = known.get(key);
    const now = clock.timestamp();
    if (earlier !== undefined) {
      const updated = store.mutate({ resource: 'events', namespace, name: earlier }, (draft) => {
        draft['count'] = Number(draft['count'] ?? 1) + 1;
        draft['lastTimestamp'] = now;
      });
      if (updated !== undefined) return;
    }
    const name = `${object.metadata.name}.${names.hex(`event/${object.metadata.name}`, 16)}`;
    known.set(key, name);
    store.create('events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: {
        kind: object.kind,
        namespace,
        name: object.metadata.name,
        uid: object.metadata.uid,
        apiVersion: object.apiVersion,
        resourceVersion: object.metadata.resourceVersion,
      },
      reason,
      message,
      source: { component },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: component,
      reportingInstance: '',
    });
  };

  return (component) => ({
    normal(object, reason, message) {
      record(component, 'Normal', object, reason, message);
    },
    warning(object, reason, message) {
      record(component, 'Warning', object, reason, message);
    },
  });
}
