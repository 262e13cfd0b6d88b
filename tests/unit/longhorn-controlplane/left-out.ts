/** Fields of recorded exchanges that the embedded Longhorn answers differently on purpose; the replay checks all others. */
export interface LeftOutField {
  readonly exchange: string;
  readonly what: string;
  /** Which fields of the answer. */
  readonly path: RegExp;
  readonly reason: string;
}

const configMapVersion = 'the resourceVersion of the ConfigMap of default settings, another number in every cluster';

export const leftOut: readonly LeftOutField[] = [
  { exchange: 'setting get', what: 'an annotation', path: /configmap-resource-version$/, reason: configMapVersion },
  { exchange: 'settings list', what: 'an annotation', path: /configmap-resource-version$/, reason: configMapVersion },
  {
    exchange: 'setting v2 on',
    what: 'the node that is named',
    path: /message$/,
    reason: 'Longhorn names the first node of a Go map that lacks huge pages, any one; here it is the first by name',
  },
  {
    exchange: 'longhorn nodes',
    what: 'conditions of the machine',
    path: /conditions\[[245]\]\.(status|reason|message)$/,
    reason: 'the recorded machines lacked packages, NFS and kernel modules; nodes of the embedded cluster lack nothing',
  },
  {
    exchange: 'longhorn nodes',
    what: 'size and identity of disks',
    path: /storageReserved$|storageAvailable$|storageMaximum$|diskUUID$|healthDataLastCollectedAt$/,
    reason: 'sizes, UUID and clock of the disk at hand; nothing is reserved on an embedded disk',
  },
  {
    exchange: 'longhorn volumes table',
    what: 'descriptions of columns',
    path: /columnDefinitions\[[1-7]\]\.description$/,
    reason: "the sentences of Longhorn's CRDs about columns are not copied; kubectl does not print them",
  },
  {
    exchange: 'engine images',
    what: 'build and time',
    path: /buildDate$|gitCommit$|noRefSince$/,
    reason: 'there is no engine binary that was built from a commit, and the clock is our own',
  },
  {
    exchange: 'instance managers',
    what: 'addresses',
    path: /status\.ip$/,
    reason: 'addresses come from the network of the cluster at hand',
  },
];
