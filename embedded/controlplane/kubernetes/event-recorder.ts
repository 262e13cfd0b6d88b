import type { ClusterStore, KubeObject, NewObject } from '../../apiserver/store.ts';
import type { Clock } from '../../clock.ts';

export interface EventReport {
  object: KubeObject;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** e.g. `kubelet`, `persistentvolume-controller`. */
  component: string;
  /** The node, for events of a kubelet. */
  host?: string;
  /** e.g. `spec.containers{main}`. */
  fieldPath?: string;
  /** Given by components that use the newer events API, such as the scheduler. */
  action?: string;
}

export interface EventRecorder {
  /** Writes an Event, or counts up the one that says the same. Never throws: an event is not worth a failure. */
  record(report: EventReport): void;
}

export function createEventRecorder(options: { store: ClusterStore; clock: Clock }): EventRecorder {
  const { store, clock } = options;
  const known = new Map<string, { namespace: string; name: string }>();
  let last = 0n;

  function nextName(objectName: string): string {
    const now = BigInt(Date.now()) * 1_000_000n;
    last = now > last ? now : last + 1n;
    return `${objectName}.${last.toString(16)}`;
  }

  function countUp(ref: { namespace: string; name: string }): boolean {
    const changed = store.mutate({ resource: 'events', ...ref }, (event) => {
      const count = typeof event['count'] === 'number' ? event['count'] : 1;
      event['count'] = count + 1;
      event['lastTimestamp'] = clock.timestamp();
    });
    return changed !== undefined;
  }

  function write(report: EventReport): void {
    const { object, type, reason, message, component, host, fieldPath, action } = report;
    const key = [object.metadata.uid, type, reason, message, component, fieldPath].join('\n');
    const earlier = known.get(key);
    if (earlier !== undefined && countUp(earlier)) {
      return;
    }
    const namespace = object.metadata.namespace ?? 'default';
    const name = nextName(object.metadata.name);
    const now = clock.timestamp();
    const event: NewObject = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: {
        kind: object.kind,
        ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
        name: object.metadata.name,
        uid: object.metadata.uid,
        apiVersion: object.apiVersion,
        resourceVersion: object.metadata.resourceVersion,
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      reason,
      message,
      type,
      reportingComponent: component,
      reportingInstance: host ?? (action === undefined ? '' : `${component}-embedded`),
      ...(action === undefined
        ? {
            source: { component, ...(host === undefined ? {} : { host }) },
            firstTimestamp: now,
            lastTimestamp: now,
            count: 1,
            eventTime: null,
          }
        : { source: {}, firstTimestamp: null, lastTimestamp: null, eventTime: now.replace('Z', '.000000Z'), action }),
    };
    store.create('events', event);
    known.set(key, { namespace, name });
  }

  return {
    record(report) {
      try {
        write(report);
      } catch {
        // The namespace is being deleted, or the object's is gone.
      }
    },
  };
}
