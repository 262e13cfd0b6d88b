/** A real part whose recorded answers or measured behaviour some tests compare with, or a real client that they run. */
export interface RealPart {
  readonly name: string;
  /** Test files, relative to tests/unit. */
  readonly tests: readonly string[];
}

/** Which tests speak about which real part. A test file belongs to one part. */
export const realParts: readonly RealPart[] = [
  { name: 'kube-apiserver 1.36.2, recorded exchanges', tests: ['apiserver/replay.test.ts'] },
  { name: 'apiextensions-apiserver 1.36.4, recorded exchanges', tests: ['apiserver/real-server.test.ts'] },
  {
    name: 'kube-apiserver 1.36.2, refusals by its sources',
    tests: ['apiserver/refusals.test.ts', 'apiserver/kinds.test.ts'],
  },
  {
    name: 'kube-apiserver 1.36.2, paths and forms by its sources',
    tests: ['apiserver/paths.test.ts', 'apiserver/forms.test.ts', 'apiserver/reviews.test.ts'],
  },
  { name: 'kubelet and pods/exec, recorded frames', tests: ['apiserver/exec.test.ts'] },
  { name: 'kubectl', tests: ['apiserver/kubectl.test.ts'] },
  { name: 'kubectl on the whole embedded cluster', tests: ['embedded/kubectl.test.ts'] },
  { name: '@kubernetes/client-node', tests: ['apiserver/client-node.test.ts'] },
  { name: 'curl and plain HTTPS', tests: ['apiserver/http.test.ts'] },
  {
    name: 'Longhorn 1.12.1 CRDs and objects, recorded exchanges',
    tests: ['longhorn-controlplane/recorded-exchanges.test.ts'],
  },
  {
    name: 'Longhorn webhooks by release',
    tests: [
      'longhorn-controlplane/webhooks.test.ts',
      'longhorn-controlplane/volume-child-webhooks.test.ts',
      'longhorn-controlplane/setting-and-node-webhooks.test.ts',
    ],
  },
  { name: 'Longhorn webhooks, single fields by release', tests: ['longhorn-controlplane/webhook-fields.test.ts'] },
  { name: 'Longhorn webhooks, volumes by release', tests: ['longhorn-controlplane/volume-admission.test.ts'] },
  { name: 'Longhorn webhooks, other kinds by release', tests: ['longhorn-controlplane/kind-admission.test.ts'] },
  { name: 'Longhorn settings, their values by release', tests: ['longhorn-controlplane/setting-refusals.test.ts'] },
  { name: 'longhorn-manager 1.12.1, attachment tickets', tests: ['longhorn-controlplane/attachment-tickets.test.ts'] },
  { name: 'longhorn-manager 1.12, frontends of V2 volumes', tests: ['longhorn-controlplane/engine-frontends.test.ts'] },
  {
    name: 'longhorn-manager 1.12.1, recorded transitions',
    tests: ['longhorn-controlplane/recorded-transitions.test.ts'],
  },
  { name: 'longhorn-manager, races of a rebuild', tests: ['longhorn-controlplane/races.test.ts'] },
  {
    name: 'longhorn-manager, snapshot data integrity by release',
    tests: ['longhorn-controlplane/snapshot-integrity.test.ts'],
  },
  { name: 'longhorn-manager 1.11.3, its waits in real time', tests: ['longhorn-controlplane/real-time.test.ts'] },
  { name: 'Longhorn 1.8.0 and 1.8.1, whole runs', tests: ['runs/recorded-runs.test.ts'] },
  { name: 'SPDK of Longhorn 1.8.0 and 1.8.1, recorded RPC', tests: ['dataplane/recorded.test.ts'] },
  {
    name: 'SPDK snapshot checksums and rebuilds that use a replica again, by release',
    tests: ['dataplane/snapshot-checksums.test.ts'],
  },
  { name: 'SPDK raid1 read choice, as measured', tests: ['dataplane/read-choice.test.ts'] },
  { name: 'nbdinfo, nbdcopy, qemu-img on exports', tests: ['dataplane/export.test.ts'] },
  { name: 'qemu-nbd and nbdkit', tests: ['probe/nbd-real-servers.test.ts'] },
  { name: 'qemu-img on qcow2', tests: ['longhorn-controlplane/qcow2.test.ts', 'probe/qcow2.test.ts'] },
  { name: 'clusters beside each other', tests: ['embedded/side-by-side.test.ts'] },
];
