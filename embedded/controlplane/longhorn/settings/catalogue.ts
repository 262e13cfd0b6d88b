/**
 * Every setting of the releases, one line each: `name | type | default | flags`. A per-engine default is written
 * `v1=a;v2=b` and becomes a JSON object of strings; `$engine` and the like stand for the release's images.
 * Source: longhorn-manager:types/setting.go@v1.8.0..v1.12.1.
 */
export const settingCatalogue = `
allow-collecting-longhorn-usage-metrics | bool | true | required
allow-empty-disk-selector-volume | bool | true | required
allow-empty-node-selector-volume | bool | true | required
allow-live-engine-upgrade-on-same-image-commit | bool | false | required @1.11.3..1.11.3
allow-live-engine-upgrade-on-same-image-commit | bool | false | required @1.12.1..
allow-recurring-job-while-volume-detached | bool | false | required
allow-volume-creation-with-degraded-availability | bool | true | required
auto-cleanup-recurring-job-backup-snapshot | bool | true | required
auto-cleanup-snapshot-after-on-demand-backup-completed | bool | false | required @1.9.0-rc2..
auto-cleanup-system-generated-snapshot | bool | true | required
auto-cleanup-when-delete-backup | bool | false | required
auto-delete-pod-when-volume-detached-unexpectedly | bool | true | required
auto-salvage | bool | true | required
backing-image-cleanup-wait-interval | int | 60 | required min=0
backing-image-recovery-wait-interval | int | 300 | required min=0
backup-compression-method | string | lz4 | required oneOf=none,lz4,gzip
backup-concurrent-limit | int | 2 | required min=1
backup-execution-timeout | int | 1 | required min=1
blacklist-for-auto-delete-pod-when-volume-detached-unexpectedly | string |  | @1.10.1..
concurrent-automatic-engine-upgrade-per-node-limit | int | 0 | required min=0
concurrent-backing-image-replenish-per-node-limit | int | 5 | required min=0
concurrent-replica-rebuild-per-node-limit | int | 5 | required min=0
concurrent-volume-backup-restore-per-node-limit | int | 5 | required min=0
crd-api-version | string | longhorn.io/v1beta2 | read-only required
create-default-disk-labeled-nodes | bool | false | required
csi-allowed-topology-keys | string |  | @1.11.1..
csi-storage-capacity-tracking | bool | false | required @1.11.2..
current-longhorn-version | string | $version | read-only
data-engine-cpu-isolation-enabled | bool | v2=false | per-engine required @1.12.1..
data-engine-cpu-mask | string | v2=0x1 | per-engine required @1.10.0..1.11.3
data-engine-cpu-mask | string | v2=0x3 | per-engine required @1.12.0..
data-engine-hugepage-enabled | bool | v2=true | per-engine required @1.10.0..
data-engine-interrupt-mode-enabled | bool | v2=false | per-engine required @1.10.0..
data-engine-iobuf-large-pool-size | int | v2=1024 | per-engine required min=1024 @1.12.1..
data-engine-iobuf-small-pool-size | int | v2=8192 | per-engine required min=8192 @1.12.1..
data-engine-log-flags | string | v2= | per-engine @1.10.0..
data-engine-log-level | string | v2=Notice | per-engine required oneOf=Error,Warning,Notice,Info,Debug @1.10.0..
data-engine-memory-size | int | v2=2048 | per-engine required min=0 @1.10.0..
data-engine-number-of-cpu-cores | int | v2=0 | per-engine required min=0 @1.12.1..
default-backing-image-manager-image | deprecated | $backing-image-manager | read-only required
default-backup-block-size | int | 2 | required oneOf=2,16 @1.10.0..
default-data-locality | string | disabled | required oneOf=disabled,best-effort,strict-local
default-data-path | string | /var/lib/longhorn/ | required
default-engine-image | string | $engine | read-only required
default-instance-manager-image | deprecated | $instance-manager | read-only required
default-longhorn-static-storage-class | string | longhorn-static | required
default-min-number-of-backing-image-copies | int | 3 | required min=1
default-replica-count | int | 3 | required min=1 max=20 @..1.9.2
default-replica-count | int | v1=3;v2=3 | per-engine required min=1 max=20 @1.10.0..
default-ublk-number-of-queue | int | v2=1 | per-engine required min=1 @1.11.0..
default-ublk-queue-depth | int | v2=128 | per-engine required min=32 @1.11.0..
deleting-confirmation-flag | bool | false | required
detach-manually-attached-volumes-when-cordoned | bool | false | required
disable-revision-counter | bool | true | required @..1.9.2
disable-revision-counter | bool | v1=true | per-engine required @1.10.0..
disable-scheduling-on-cordoned-node | bool | true | required
disable-snapshot-purge | bool | false | required
endpoint-network-for-rwx-volume | string |  | @1.11.0..
engine-image-pod-liveness-probe-failure-threshold | int | 3 | required min=1 max=60 @1.12.0..
engine-image-pod-liveness-probe-period | int | 5 | required min=1 max=60 @1.12.0..
engine-image-pod-liveness-probe-timeout | int | 4 | required min=1 max=60 @1.12.0..
engine-replica-timeout | int | 8 | required min=8 max=30 @..1.9.2
engine-replica-timeout | int | v1=8;v2=8 | per-engine required min=8 max=30 @1.10.0..
failed-backup-ttl | int | 1440 | required min=0
fast-replica-rebuild-enabled | bool | true | required @..1.9.2
fast-replica-rebuild-enabled | bool | v1=true;v2=true | per-engine required @1.10.0..
freeze-filesystem-for-snapshot | bool | false | required @..1.9.2
freeze-filesystem-for-snapshot | bool | v1=false | per-engine required @1.10.0..
guaranteed-instance-manager-cpu | int | 12 | required min=0 max=40 @..1.9.2
guaranteed-instance-manager-cpu | float | v1=12;v2=12 | per-engine required min=0 max=40 @1.10.0..
instance-manager-pod-liveness-probe-timeout | int | 10 | required min=1 max=60 @1.9.2..
kubernetes-cluster-autoscaler-enabled | bool | false | required
kubernetes-metrics-server-metrics-enabled | bool | true | required @1.12.0..
latest-longhorn-version | string |  | read-only
log-level | string | Info | required oneOf=Panic,Fatal,Error,Warn,Info,Debug,Trace
log-path | string | /var/lib/longhorn/logs/ | required @1.10.0..
long-grpc-timeout | int | 86400 | required min=1 max=604800
manager-url | string |  | @1.11.0..
node-disk-health-monitoring | bool | true | required @1.11.0..
node-down-pod-deletion-policy | string | do-nothing | required oneOf=do-nothing,delete-statefulset-pod,delete-deployment-pod,delete-both-statefulset-and-deployment-pod
node-drain-policy | string | block-if-contains-last-replica | required oneOf=block-for-eviction,block-for-eviction-if-contains-last-replica,block-if-contains-last-replica,allow-if-replica-is-stopped,always-allow
offline-replica-rebuilding | bool | false | required @1.9.0-rc2..1.9.2
offline-replica-rebuilding | bool | false | required @1.11.0..
offline-replica-rebuilding | bool | v1=false;v2=false | per-engine required @1.10.0..1.10.2
orphan-auto-deletion | bool | false | required @..1.8.2
orphan-resource-auto-deletion | string |  | @1.9.0-rc2..
orphan-resource-auto-deletion-grace-period | int | 300 | required min=0 @1.9.0..
priority-class | string | longhorn-critical
recurring-failed-jobs-history-limit | int | 1 | min=0
recurring-job-max-retention | int | 100 | required min=1 max=250
recurring-successful-jobs-history-limit | int | 1 | min=0
registry-secret | string |  |
remove-snapshots-during-filesystem-trim | bool | false | required
replica-auto-balance | string | disabled | required oneOf=disabled,least-effort,best-effort
replica-auto-balance-disk-pressure-percentage | int | 90 | required
replica-disk-soft-anti-affinity | bool | true | required
replica-file-sync-http-client-timeout | int | 30 | required min=5 max=120
replica-rebuild-concurrent-sync-limit | int | v1=1 | per-engine required min=1 max=5 @1.11.0..
replica-rebuilding-bandwidth-limit | int | v2=0 | per-engine @1.10.0..
replica-replenishment-wait-interval | int | 600 | required min=0
replica-soft-anti-affinity | bool | false | required
replica-zone-soft-anti-affinity | bool | true | required
restore-concurrent-limit | int | 2 | required min=1
restore-volume-recurring-jobs | bool | false | required
rwx-volume-fast-failover | bool | false | required
snapshot-count-warning-threshold | int | 100 | required min=2 max=250 @1.12.0..
snapshot-data-integrity | string | fast-check | required oneOf=disabled,enabled,fast-check @..1.9.2
snapshot-data-integrity | string | v1=fast-check;v2=fast-check | per-engine required oneOf=disabled,enabled,fast-check @1.10.0..
snapshot-data-integrity-cronjob | string | 0 0 */7 * * | required @..1.9.2
snapshot-data-integrity-cronjob | string | v1=0 0 */7 * *;v2=0 0 */7 * * | per-engine required @1.10.0..
snapshot-data-integrity-immediate-check-after-snapshot-creation | bool | false | required @..1.9.2
snapshot-data-integrity-immediate-check-after-snapshot-creation | bool | v1=false;v2=false | per-engine required @1.10.0..
snapshot-heavy-task-concurrent-limit | int | 5 | required min=0 @1.11.0..
snapshot-max-count | int | 250 | required
stable-longhorn-versions | string |  | read-only
storage-minimal-available-percentage | int | 25 | required min=0 max=100
storage-network | string |  |
storage-network-for-rwx-volume-enabled | bool | false | @..1.10.2
storage-over-provisioning-percentage | int | 100 | required min=0
storage-reserved-percentage-for-default-disk | int | 30 | required min=0 max=100
support-bundle-failed-history-limit | int | 1 | min=0
support-bundle-manager-image | string | $support-bundle-kit | required
support-bundle-node-collection-timeout | int | 30 | required min=0
system-managed-components-node-selector | string |  |
system-managed-csi-components-resource-limits | string |  | @1.11.0..
system-managed-pods-image-pull-policy | string | if-not-present | required oneOf=if-not-present,never,always
taint-toleration | string |  |
upgrade-checker | bool | true | required
upgrade-responder-url | string | https://longhorn-upgrade-responder.rancher.io/v1/checkupgrade | required @1.8.1..
v1-data-engine | bool | true | required
v2-data-engine | bool | false | required
v2-data-engine-cpu-mask | string | 0x1 | required @..1.9.2
v2-data-engine-fast-replica-rebuilding | bool | false | required @..1.9.2
v2-data-engine-guaranteed-instance-manager-cpu | int | 1250 | required min=1000 max=8000 @..1.8.2
v2-data-engine-guaranteed-instance-manager-cpu | int | 1250 | required min=1000 @1.9.0-rc2..1.9.2
v2-data-engine-hugepage-limit | int | 2048 | read-only required min=0 @..1.9.2
v2-data-engine-log-flags | string |  | @..1.9.2
v2-data-engine-log-level | string | Notice | required oneOf=Error,Warning,Notice,Info,Debug @..1.9.2
v2-data-engine-snapshot-data-integrity | string | fast-check | required oneOf=disabled,fast-check @1.9.0-rc2..1.9.2
`;
