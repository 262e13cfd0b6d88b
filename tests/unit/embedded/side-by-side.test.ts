import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { dirname } from 'node:path';
import { expect, test } from '@playwright/test';
import { parse } from 'yaml';
import { startEmbeddedCluster } from '../../../embedded/cluster.ts';
import type { EmbeddedCluster } from '../../../embedded/cluster.ts';

interface KubeConfig {
  readonly clusters: readonly { readonly cluster: { readonly 'certificate-authority-data': string } }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

/** Asks a cluster as its kubeconfig says; the body of the answer. */
async function ask(cluster: EmbeddedCluster, method: string, path: string, body?: object): Promise<string> {
  const config = parse(await readFile(cluster.kubeconfigPath, 'utf8')) as KubeConfig;
  const ca = Buffer.from(config.clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64');
  const headers = { Authorization: `Bearer ${config.users[0]?.user.token ?? ''}`, 'Content-Type': 'application/json' };
  return new Promise((resolve, reject) => {
    const call = request(`${cluster.url}${path}`, { method, headers, ca, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          resolve(Buffer.concat(chunks).toString('utf8'));
        });
    });
    call.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const maps = '/api/v1/namespaces/default/configmaps';

test('ten clusters side by side see nothing of each other, and leave nothing behind', async () => {
  const options = {
    longhorn: '1.11.3',
    topology: 'one-disk',
    timeScale: 0.01,
    blockDiskBytes: 2 ** 30,
    port: 0,
  } as const;
  const seeds = Array.from({ length: 10 }, (_value, index) => `side-${String(index)}`);
  const clusters = await Promise.all(seeds.map((seed) => startEmbeddedCluster({ ...options, seed })));
  try {
    expect(new Set(clusters.map(({ url }) => url)).size).toBe(10);
    await Promise.all(
      clusters.map((cluster, index) => ask(cluster, 'POST', maps, { metadata: { name: `only-${String(index)}` } })),
    );
    for (const [index, cluster] of clusters.entries()) {
      const names = [...(await ask(cluster, 'GET', maps)).matchAll(/"name":"(only-\d+)"/g)].map((match) => match[1]);
      expect(names).toEqual([`only-${String(index)}`]);
    }
    const [first, second] = clusters as [EmbeddedCluster, EmbeddedCluster];
    await expect(ask({ ...second, kubeconfigPath: first.kubeconfigPath }, 'GET', maps)).rejects.toThrow(
      /certificate|issuer|signature/i,
    );
  } finally {
    const directories = clusters.map(({ kubeconfigPath }) => dirname(kubeconfigPath));
    await Promise.all(clusters.map((cluster) => cluster.stop()));
    expect(directories.filter((path) => existsSync(path))).toEqual([]);
  }
  for (const cluster of clusters) await expect(fetch(`${cluster.url}/version`)).rejects.toThrow();
});
