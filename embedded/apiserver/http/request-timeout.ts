import { badRequest } from '../errors.ts';
import { flag } from './exchange.ts';
import type { Exchange } from './exchange.ts';

/**
 * How long a client is ready to wait is read of every request that is no watch; nothing here takes so long that it mattered.
 * @throws StatusError 400 for what is no duration (apiserver:pkg/server/filters/timeout.go and request_deadline.go@v0.36.2)
 */
export function checkTimeout({ query, path }: Exchange): void {
  const text = query.get('timeout') ?? '';
  if (text === '' || flag(query, 'watch') || !path.startsWith('/api')) return;
  if (/^[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) return;
  const why = /^[+-]?[\d.]+$/.test(text) ? 'missing unit in duration' : 'invalid duration';
  throw badRequest(`invalid timeout specified in the request URL - time: ${why} ${JSON.stringify(text)}`);
}
