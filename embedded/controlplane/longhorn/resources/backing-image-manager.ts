import type { ResourceData } from './resource-data.ts';

/** Source: longhorn-manager:k8s/crds.yaml@v1.8.0..v1.12.1. */
export const backingImageManager: ResourceData = {
  kind: 'BackingImageManager',
  plural: 'backingimagemanagers',
  shortName: 'lhbim',
  v1beta1Until: '1.8.2',
  columns: [
    {
      table: `
      State | string | .status.currentState
      Image | string | .spec.image
      Node | string | .spec.nodeID
      DiskUUID | string | .spec.diskUUID
      DiskPath | string | .spec.diskPath
      Age | date | .metadata.creationTimestamp
`,
    },
  ],
  fields: `
spec object
  backingImages {string}
  diskPath string
  diskUUID string
  image string
  nodeID string
status object
  apiMinVersion integer
  apiVersion integer
  backingImageFileMap {} nullable
    currentChecksum string
    message string
    name string
    progress integer
    realSize int64
    senderManagerAddress string
    sendingReference integer
    size int64
    state string
    uuid string
    virtualSize int64
  currentState string
  ip string
  ownerID string
  storageIP string
`,
};
