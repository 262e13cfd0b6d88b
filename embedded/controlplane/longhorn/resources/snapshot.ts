import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const snapshot: ResourceData = {
  kind: 'Snapshot',
  plural: 'snapshots',
  shortName: 'lhsnap',
  columns: [
    {
      table: `
      Volume | string | .spec.volume
      CreationTime | string | .status.creationTime
      ReadyToUse | boolean | .status.readyToUse
      RestoreSize | string | .status.restoreSize
      Size | string | .status.size
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object required=volume
  createSnapshot boolean
  labels {string} nullable
  volume string
status object
  checksum string
  checksumCalculatedAt string @1.12.0..
  children {boolean} nullable
  creationTime string
  error string
  labels {string} nullable
  markRemoved boolean
  ownerID string
  parent string
  readyToUse boolean
  requestedTime string @1.12.0..
  restoreSize int64
  size int64
  userCreated boolean
`,
};
