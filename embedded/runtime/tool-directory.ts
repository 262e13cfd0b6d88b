import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** What the node image's entrypoint does: options and scripts go to node, commands run as they are. */
const nodeEntrypoint = `#!/bin/sh
case "$1" in
  -*) exec node "$@" ;;
esac
command -v "$1" >/dev/null 2>&1 || exec node "$@"
if [ -f "$1" ] && [ ! -x "$1" ]; then exec node "$@"; fi
exec "$@"
`;

/**
 * Pods have no network namespace: a server that listens on every address would take the port from all pods and open it
 * to the outside. Node programs listen on their pod's address instead.
 */
const listenOnPodAddress = `'use strict';
const { Server } = require('node:net');
const address = process.env.EMBEDDED_POD_IP;
const everyAddress = new Set([undefined, null, '', '0.0.0.0', '::']);
const listen = Server.prototype.listen;
if (address) {
  Server.prototype.listen = function (...args) {
    const [first, second] = args;
    if (typeof first === 'object' && first !== null) {
      if (first.port !== undefined && first.path === undefined && everyAddress.has(first.host)) {
        args[0] = { ...first, host: address };
      }
    } else if (first === undefined || typeof first === 'function') {
      args.unshift(0, address);
    } else if (!Number.isNaN(Number(first)) && typeof second !== 'string') {
      args.splice(1, everyAddress.has(second) && args.length > 1 ? 1 : 0, address);
    } else if (!Number.isNaN(Number(first)) && everyAddress.has(second)) {
      args[1] = address;
    }
    return listen.apply(this, args);
  };
}
`;

export interface ToolDirectory {
  /** PATH of every pod: the cluster's own programs, then this machine's, without those of npm packages. */
  readonly path: string;
  /** Environment that lets node programs keep to their pod's address. */
  nodeEnvironment(podIp: string): Record<string, string>;
}

/** Makes the directory of programs that stand in for those of images, e.g. this process's own `node`. */
export async function createToolDirectory(directory: string): Promise<ToolDirectory> {
  const programs = join(directory, 'bin');
  const preload = join(directory, 'listen-on-pod-address.cjs');
  await mkdir(programs, { recursive: true });
  await rm(join(programs, 'node'), { force: true });
  await symlink(process.execPath, join(programs, 'node'));
  const entrypoint = join(programs, 'docker-entrypoint.sh');
  await writeFile(entrypoint, nodeEntrypoint);
  await chmod(entrypoint, 0o755);
  await writeFile(preload, listenOnPodAddress);
  const machine = (process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin')
    .split(delimiter)
    .filter((entry) => entry !== '' && !entry.includes('node_modules') && !entry.includes('node-gyp-bin'));
  return {
    path: [programs, ...machine].join(delimiter),
    nodeEnvironment: (podIp) => ({
      EMBEDDED_POD_IP: podIp,
      NODE_OPTIONS: `--require=${JSON.stringify(preload)}`,
    }),
  };
}
