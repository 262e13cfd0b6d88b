import type { KubeObject } from '../../../apiserver/store.ts';
import type { DataEngine } from './instance.ts';

export type FileState =
  | ''
  | 'pending'
  | 'starting'
  | 'ready-for-transfer'
  | 'ready'
  | 'in-progress'
  | 'failed'
  | 'failed-and-cleanup'
  | 'unknown';

export interface DiskFileStatus {
  dataEngine: DataEngine;
  state: FileState;
  progress: number;
  message: string;
  lastStateTransitionTime: string;
}

export interface BackingImage extends KubeObject {
  spec: {
    sourceType: string;
    sourceParameters: Record<string, string>;
    checksum: string;
    dataEngine: DataEngine;
    minNumberOfCopies: number;
    diskSelector?: string[];
    nodeSelector?: string[];
    diskFileSpecMap?: Record<string, { dataEngine: DataEngine; evictionRequested: boolean }>;
    disks?: Record<string, string>;
    secret?: string;
    secretNamespace?: string;
  };
  status?: {
    ownerID: string;
    uuid: string;
    size: number;
    virtualSize: number;
    realSize: number;
    checksum: string;
    diskFileStatusMap: Record<string, DiskFileStatus> | null;
    diskLastRefAtMap: Record<string, string> | null;
    v2FirstCopyDisk: string;
    v2FirstCopyStatus: FileState;
  };
}

export interface BackingImageDataSource extends KubeObject {
  spec: {
    nodeID: string;
    uuid: string;
    diskUUID: string;
    diskPath: string;
    checksum: string;
    sourceType: string;
    parameters: Record<string, string>;
    fileTransferred: boolean;
  };
  status?: {
    ownerID: string;
    runningParameters: Record<string, string> | null;
    currentState: FileState;
    ip: string;
    storageIP: string;
    size: number;
    progress: number;
    checksum: string;
    message: string;
  };
}

export interface ManagedFile {
  name: string;
  uuid: string;
  size: number;
  virtualSize: number;
  realSize: number;
  state: FileState;
  currentChecksum: string;
  message: string;
  sendingReference: number;
  senderManagerAddress: string;
  progress: number;
}

export interface BackingImageManager extends KubeObject {
  spec: { image: string; nodeID: string; diskUUID: string; diskPath: string; backingImages: Record<string, string> };
  status?: {
    ownerID: string;
    currentState: '' | 'error' | 'running' | 'stopped' | 'starting' | 'unknown';
    backingImageFileMap: Record<string, ManagedFile> | null;
    ip: string;
    storageIP: string;
    apiMinVersion: number;
    apiVersion: number;
  };
}
