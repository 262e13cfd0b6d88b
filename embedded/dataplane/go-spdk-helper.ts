import { fileURLToPath } from 'node:url';

/**
 * A program that answers like `go-spdk-helper` in a v2 instance manager. Run it with node; it asks the JSON-RPC socket
 * named by SPDK_RPC_SOCKET (default /var/tmp/spdk.sock). Plain JavaScript without dependencies, so that it starts fast.
 */
export const goSpdkHelperPath = fileURLToPath(new URL('./go-spdk-helper-program.js', import.meta.url));
