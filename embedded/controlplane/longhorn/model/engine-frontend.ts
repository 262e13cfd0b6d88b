import type { KubeObject } from '../../../apiserver/store.ts';
import type { InstanceSpec, InstanceStatus } from './instance.ts';

/** Source: longhorn-manager:k8s/pkg/apis/longhorn/v1beta2/enginefrontend.go@v1.12.1. */
export interface EngineFrontendSpec extends InstanceSpec {
  /** Bytes, as a string. */
  size: string;
  frontend: string;
  targetIP: string;
  targetPort: number;
  engineName: string;
  disableFrontend: boolean;
  active: boolean;
}

export interface EngineFrontendStatus extends InstanceStatus {
  /** Bytes, as a string. */
  currentSize: string;
  endpoint: string;
  targetIP: string;
  targetPort: number;
}

/** The device of a V2 volume, which up to 1.11 its engine had. */
export interface EngineFrontend extends KubeObject {
  spec: EngineFrontendSpec;
  status?: EngineFrontendStatus;
}
