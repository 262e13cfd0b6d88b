import type { PodBackend } from '../../runtime/contract.ts';
import type { PendingFaults } from '../faults.ts';
import type { ObjectStore } from '../object-store.ts';
import type { AccessControl } from './access.ts';
import type { WatchConnections } from './watch.ts';

/** What a server answers requests from. */
export interface HandlerContext {
  readonly store: ObjectStore;
  readonly access: AccessControl;
  readonly faults: PendingFaults;
  readonly watches: WatchConnections;
  readonly backend: () => PodBackend;
  readonly timestamp: () => string;
  /** `host:port` that the server is reached at. */
  readonly address: () => string;
}
