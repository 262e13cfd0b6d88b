/**
 * What Kubernetes asks of a CSI driver, as the sidecars and the kubelet call it. The Longhorn control plane implements
 * it; the volume controllers and the kubelet of the embedded cluster call it.
 */
export interface CsiDriver {
  /** The provisioner's name, e.g. `driver.longhorn.io`. */
  readonly name: string;
  /** Idempotent by name. Rejects with an error whose message is the gRPC status text shown in a PVC event. */
  createVolume(request: {
    name: string;
    capacityBytes: number;
    parameters: Readonly<Record<string, string>>;
    volumeMode: 'Block' | 'Filesystem';
    accessModes: readonly string[];
    /** Handle of the volume to clone. */
    sourceVolume?: string;
  }): Promise<{ volumeHandle: string; capacityBytes: number; context: Readonly<Record<string, string>> }>;
  deleteVolume(volumeHandle: string): Promise<void>;
  /** Resolves when the volume has at least that capacity, with what it then has. Idempotent. */
  expandVolume(volumeHandle: string, capacityBytes: number): Promise<{ capacityBytes: number }>;
  /** Resolves when the volume is attached to the node and its device exists. */
  controllerPublish(volumeHandle: string, nodeName: string): Promise<void>;
  controllerUnpublish(volumeHandle: string, nodeName: string): Promise<void>;
  /** What a block volume's `devicePath` stands for on that node: an `nbd+unix://` URI. */
  deviceUri(volumeHandle: string, nodeName: string): string;
}
