import type { KubeObject } from '../../../apiserver/store.ts';

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  /** base64 */
  binaryData?: Record<string, string>;
}

export interface Secret extends KubeObject {
  /** base64 */
  data?: Record<string, string>;
}
