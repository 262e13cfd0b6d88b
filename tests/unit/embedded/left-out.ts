/** What a real client can ask of a real cluster and the embedded one refuses on purpose. */
export interface LeftOutRequest {
  readonly what: string;
  /** Arguments of kubectl; `pod/shell` runs. */
  readonly kubectl: string;
  /** What kubectl says then. */
  readonly answer: RegExp;
  readonly reason: string;
}

export const leftOut: readonly LeftOutRequest[] = [
  {
    what: 'port-forward',
    kubectl: 'port-forward pod/shell 0:80',
    answer: /only pods\/exec can be upgraded to a WebSocket by the embedded cluster/,
    reason: 'pods have addresses of this machine, so their ports can be reached without a tunnel',
  },
  {
    what: 'attach',
    kubectl: 'attach pod/shell',
    answer: /only pods\/exec can be upgraded to a WebSocket by the embedded cluster/,
    reason: 'the output is what logs -f shows; kubectl run -i falls back to that by itself',
  },
  {
    what: 'metrics',
    kubectl: 'top nodes',
    answer: /^error: Metrics API not available\n$/,
    reason: 'as on a real cluster without metrics-server: no metrics API',
  },
  {
    what: 'pods in protobuf',
    kubectl: 'debug node/node1 --image=busybox',
    answer: /a Pod in protobuf is not understood by the embedded cluster; send it as application\/json/,
    reason:
      'kubectl sends whole pods in protobuf only for debug; the kinds of create, run, expose and scale are understood',
  },
];
