import type { ResourceRegistry } from '../resources/registry.ts';
import { sendPageNotFound } from './exchange.ts';
import type { Exchange } from './exchange.ts';

export function serveOpenApi(exchange: Exchange, _registry: ResourceRegistry): void {
  sendPageNotFound(exchange);
}
