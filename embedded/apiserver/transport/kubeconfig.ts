import { stringify } from 'yaml';

/** A kubeconfig with one context; the authority and the token are inside, so the file is all a client needs. */
export function kubeconfigYaml(options: {
  url: string;
  authority: string;
  token: string;
  clusterName: string;
}): string {
  const { url, authority, token, clusterName } = options;
  const user = `${clusterName}-admin`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: clusterName,
        cluster: { server: url, 'certificate-authority-data': Buffer.from(authority).toString('base64') },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user, namespace: 'default' } }],
    'current-context': clusterName,
    preferences: {},
  });
}
