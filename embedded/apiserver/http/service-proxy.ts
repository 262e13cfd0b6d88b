/**
 * The proxy subresource of a Service: what is sent there reaches a pod behind the service, and its answer comes back.
 * Sources: kubernetes:pkg/registry/core/service/storage/storage.go ResourceLocation,
 * apimachinery:pkg/util/proxy/{upgradeaware,transport}.go, pkg/util/net/port_split.go@v0.36.2.
 */
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { badRequest, notFound, serviceUnavailable } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import type { KubeObject } from '../store.ts';
import type { Exchange } from './exchange.ts';

/** `[scheme:]name[:port]`; the port is a number or a name, and absent means the port without a name. */
interface ServiceRequest {
  readonly scheme: string;
  readonly name: string;
  readonly port: string;
}

interface Location {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
}

interface Subset {
  readonly addresses?: readonly { readonly ip: string }[];
  readonly ports?: readonly { readonly name?: string; readonly port: number }[];
}

interface Ported extends KubeObject {
  readonly spec?: { readonly ports?: readonly { readonly name?: string; readonly port: number }[] };
}

function parseRequest(id: string): ServiceRequest {
  const parts = id.split(':');
  const [scheme = '', name = '', port = ''] = parts.length < 3 ? ['', ...parts] : parts;
  if (parts.length > 3 || name === '' || !['', 'http', 'https'].includes(scheme)) {
    throw badRequest(`invalid service request ${JSON.stringify(id)}`);
  }
  return { scheme, name, port };
}

/** The first ready address behind the service that has the port. @throws StatusError 400, 404, 503 */
function locate(store: ObjectStore, namespace: string, id: string): Location {
  const { scheme, name, port } = parseRequest(id);
  const endpoints = (): KubeObject & { subsets?: readonly Subset[] } => {
    const found = store.get({ resource: 'endpoints', namespace, name });
    if (found === undefined) throw notFound({ group: '', plural: 'endpoints' }, name);
    return found;
  };
  const wanted = /^\d+$/.test(port) ? nameOfPort(store, { namespace, name, port: Number(port) }) : port;
  for (const { addresses = [], ports = [] } of endpoints().subsets ?? []) {
    const named = ports.find((one) => (one.name ?? '') === wanted);
    const [address] = addresses;
    if (named !== undefined && address !== undefined) return { scheme, host: address.ip, port: named.port };
  }
  const what = (endpoints().subsets ?? []).length === 0 ? name : id;
  throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(what)}`);
}

function nameOfPort(store: ObjectStore, at: { namespace: string; name: string; port: number }): string {
  const { namespace, name, port } = at;
  const service = store.get({ resource: 'services', namespace, name }) as Ported | undefined;
  if (service === undefined) throw notFound({ group: '', plural: 'services' }, name);
  const found = (service.spec?.ports ?? []).find((one) => one.port === port);
  if (found === undefined)
    throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
  return found.name ?? '';
}

/** Answers with what the pod answers. @throws StatusError 400, 404 and 503, as the API server words them */
export async function proxyService(
  exchange: Exchange,
  target: { store: ObjectStore; namespace: string; id: string },
): Promise<void> {
  const { request, response, path } = exchange;
  const location = locate(target.store, target.namespace, target.id);
  const rest = /\/services\/[^/]+\/proxy(.*)$/.exec(path)?.[1] ?? '';
  const query = /\?.*$/.exec(request.url ?? '')?.[0] ?? '';
  if (rest === '' && (request.method === 'GET' || request.method === 'HEAD')) {
    response.writeHead(301, { Location: `${path}/${query}` }).end();
    return;
  }
  const answer = await ask(exchange, location, `${rest === '' ? '/' : rest}${query}`);
  response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  await pipeline(answer, response).catch(() => response.destroy());
}

function ask(
  { request, response, path }: Exchange,
  { scheme, host, port }: Location,
  target: string,
): Promise<IncomingMessage> {
  const headers: OutgoingHttpHeaders = {
    ...endToEnd(request.headers),
    'x-forwarded-uri': path,
    'x-forwarded-host': request.headers.host,
    'x-forwarded-proto': 'https',
    'x-forwarded-for': request.socket.remoteAddress,
  };
  // Who is allowed to ask is settled; the pod does not get the caller's credentials.
  delete headers['authorization'];
  return new Promise((resolve, reject) => {
    const make = scheme === 'https' ? httpsRequest : httpRequest;
    // Pods have certificates of their own making: as in the original, whoever answers at the address is the pod.
    const outgoing = make({
      host,
      port,
      method: request.method,
      path: target,
      headers,
      agent: false,
      rejectUnauthorized: false,
    });
    outgoing.once('response', resolve);
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'ECONNREFUSED' ? `dial tcp ${host}:${port}: connect: connection refused` : error.message;
      reject(serviceUnavailable(`error trying to reach service: ${why}`));
    });
    response.once('close', () => outgoing.destroy());
    request.pipe(outgoing);
  });
}

const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}
