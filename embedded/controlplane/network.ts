/** The cluster's DNS and service addresses, for parts of the control plane that open connections themselves. */
export interface ClusterNetwork {
  /**
   * Turns `service`, `service.namespace`, `service.namespace.svc[.cluster.local]`, a cluster IP or a pod IP, with a
   * service port, into an address of this machine; undefined when there is no ready endpoint.
   */
  resolve(host: string, port: number): { host: string; port: number } | undefined;
}
