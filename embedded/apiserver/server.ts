/** The embedded cluster's Kubernetes API over HTTPS. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PodBackend } from '../runtime/contract.ts';
import { createPendingFaults } from './faults.ts';
import type { ServerFault } from './faults.ts';
import { createAccessControl } from './http/access.ts';
import type { AccessRecord, AccessRule } from './http/access.ts';
import { handleRequest } from './http/handler.ts';
import type { HandlerContext } from './http/context.ts';
import { grantsOf } from './http/rbac.ts';
import { issueAccountToken, uidOf } from './http/service-account.ts';
import { createWatchConnections } from './http/watch.ts';
import type { ObjectStore } from './object-store.ts';
import { createUpgrader } from './streaming/upgrade.ts';
import type { Upgrader } from './streaming/upgrade.ts';
import { createServerCertificates } from './transport/certificates.ts';
import { kubeconfigYaml } from './transport/kubeconfig.ts';
import { createClock } from '../clock.ts';

export interface ApiServerOptions {
  readonly store: ObjectStore;
  /** Asked for each exec and log, so that it may be made after the server. */
  readonly backend: () => PodBackend;
  /** Absent or 0: a free one. */
  readonly port?: number;
  /** Told of each request for a resource and whether it was allowed, like an audit log. */
  readonly onRequest?: (record: AccessRecord) => void;
}

export interface ApiServer {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** YAML; authority and token are inside. */
  readonly kubeconfig: string;
  /** PEM of the certificate authority. */
  readonly authority: string;
  /** The token of the kubeconfig's user. */
  readonly token: string;
  /** A token of a service account, as the kubelet asks one for a pod. */
  issueToken(account: { readonly namespace: string; readonly name: string }): string;
  /** Replaces the access rules, which come before RBAC; without any, the kubeconfig's user may do everything. */
  setAccessRules(rules: readonly AccessRule[]): void;
  /** Makes the server fail as described; resolves when the fault is in place, for `restart` when it is over. */
  inject(fault: ServerFault): Promise<void>;
  /** Drops faults that have not hit anything yet. */
  clearFaults(): void;
  /** Ends every connection and frees the port. Does not close the store. */
  close(): Promise<void>;
}

const host = '127.0.0.1';

interface Listener {
  readonly server: Server;
  readonly sockets: Set<Duplex>;
}

async function listen(options: {
  key: string;
  certificate: string;
  port: number;
  context: HandlerContext;
  upgrader: Upgrader;
}): Promise<Listener> {
  const { key, certificate, port, context, upgrader } = options;
  const sockets = new Set<Duplex>();
  const server = createServer({ key, cert: certificate, keepAlive: true }, (request, response) => {
    void handleRequest(context, request, response);
  });
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0;
  server.on('upgrade', (request, socket, head) => upgrader.upgrade(request, socket, head));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new Error(
          `the API server cannot listen on ${host}:${port}: ${cause.message}; choose another port or 0 for a free one`,
          { cause },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  return { server, sockets };
}

async function shut({ server, sockets }: Listener, upgrader: Upgrader): Promise<void> {
  upgrader.closeAll();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}

/** Starts serving the store; resolves when clients can connect. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, backend } = options;
  const clock = createClock(1);
  const certificates = createServerCertificates([
    host,
    'localhost',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    '10.96.0.1',
  ]);
  const token = randomBytes(24).toString('base64url');
  const access = createAccessControl(token, {
    grantsOf: (caller, namespace) => grantsOf(store, caller, namespace),
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
  });
  const faults = createPendingFaults();
  const watches = createWatchConnections();
  let port = options.port ?? 0;
  const context: HandlerContext = {
    store,
    access,
    faults,
    watches,
    backend,
    timestamp: () => clock.timestamp(),
    address: () => `${host}:${port}`,
  };
  const upgrader = createUpgrader(context);
  const open = (): Promise<Listener> =>
    listen({ key: certificates.key, certificate: certificates.certificate, port, context, upgrader });
  let listener = await open();
  port = (listener.server.address() as AddressInfo).port;
  store.publishAuthority(certificates.authority);
  const url = `https://${host}:${port}`;

  const inject = async (fault: ServerFault): Promise<void> => {
    switch (fault.kind) {
      case 'drop-watches':
        watches.drop();
        return;
      case 'compact':
        store.compact();
        return;
      case 'restart':
        await shut(listener, upgrader);
        await new Promise((resolve) => setTimeout(resolve, fault.downMs));
        listener = await open();
        return;
      default:
        faults.add(fault);
    }
  };

  return {
    url,
    port,
    kubeconfig: kubeconfigYaml({ url, authority: certificates.authority, token, clusterName: 'embedded' }),
    authority: certificates.authority,
    token,
    issueToken: (account) => issueAccountToken(access, { ...account, ...uidOf(store, account) }),
    setAccessRules: (rules) => void (access.rules = rules),
    inject,
    clearFaults: () => faults.clear(),
    async close() {
      await shut(listener, upgrader);
    },
  };
}
