import { request as requestHttp } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { ClusterNetwork } from '../../network.ts';

/** The body of a URL as a pod of the cluster would get it: services and pod addresses first, then the outside. */
export async function openDownload(
  url: string,
  network: ClusterNetwork,
  signal: AbortSignal,
): Promise<{ sizeBytes: number | undefined; body: AsyncIterable<Uint8Array> }> {
  const target = new URL(url);
  const secure = target.protocol === 'https:';
  const port = target.port === '' ? (secure ? 443 : 80) : Number(target.port);
  const address = network.resolve(target.hostname, port) ?? { host: target.hostname, port };
  const options: RequestOptions = {
    host: address.host,
    port: address.port,
    path: `${target.pathname}${target.search}`,
    headers: { host: target.host },
    signal,
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = (secure ? requestHttps : requestHttp)(options, resolve);
    request.once('error', (error) => {
      reject(
        new Error(`Get "${url}": dial tcp ${address.host}:${String(address.port)}: ${error.message}`, { cause: error }),
      );
    });
    request.end();
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`resp.StatusCode(${String(response.statusCode)}) != 200(OK) for ${url}`);
  }
  const length = response.headers['content-length'];
  return {
    sizeBytes: length === undefined ? undefined : Number(length),
    body: checked(response, url, length === undefined ? undefined : Number(length)),
  };
}

/** A body that ends early is an error, not a short image. */
async function* checked(
  response: IncomingMessage,
  url: string,
  expectedBytes: number | undefined,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    received += chunk.byteLength;
    yield chunk;
  }
  if (expectedBytes !== undefined && received !== expectedBytes) {
    throw new Error(`${url}: unexpected EOF after ${String(received)} of ${String(expectedBytes)} bytes`);
  }
}
