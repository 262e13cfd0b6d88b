import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KubeObject } from './apiserver/store.ts';
import type { DataPlane } from './dataplane/contract.ts';
import { goSpdkHelperPath } from './dataplane/go-spdk-helper.ts';
import { type ImageCatalog, createImageCatalog } from './runtime/image-catalog.ts';

/**
 * The images of an embedded cluster. In an instance manager `go-spdk-helper` is on the PATH and talks to the SPDK
 * target of the pod's node, as in the real image.
 */
export async function embeddedImages(options: { directory: string; dataPlane: DataPlane }): Promise<ImageCatalog> {
  const bin = join(options.directory, 'bin');
  await mkdir(bin, { recursive: true });
  const launcher = `#!/bin/sh\nexec '${process.execPath}' '${goSpdkHelperPath}' "$@"\n`;
  await writeFile(join(bin, 'go-spdk-helper'), launcher, { mode: 0o755 });
  return createImageCatalog({
    // The image of this project's Dockerfile, whose WORKDIR is a checkout of it.
    'longhorn-v2-verifier': {
      program: { kind: 'host', entrypoint: ['docker-entrypoint.sh'], command: ['node'] },
      workingDirectory: fileURLToPath(new URL('..', import.meta.url)),
    },
    'longhornio/longhorn-instance-manager': {
      program: { kind: 'idle' },
      environment: (pod) => ({
        pathDirs: [bin],
        env: { SPDK_RPC_SOCKET: options.dataPlane.node(nodeOf(pod)).rpcSocket },
      }),
    },
  });
}

/** Instance managers are bound to their node from the start. */
function nodeOf(pod: KubeObject): string {
  const spec = pod.spec as { nodeName?: string } | undefined;
  return spec?.nodeName ?? '';
}
