/** Recorded exchanges of a real API server, made again against the embedded one, in order. */
import { readFileSync } from 'node:fs';
import { send } from './client.ts';
import type { Answer, Cluster } from './client.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- recorded bodies are whatever the server sent
type Json = any;

export interface RecordedExchange {
  readonly name: string;
  /** `text` is a body that is not JSON, or not as it would be written. */
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly accept?: string;
    readonly contentType?: string;
    readonly body?: Json;
    readonly text?: string;
  };
  readonly response: {
    readonly status: number;
    readonly contentType: string;
    readonly warning?: string;
    readonly body: Json;
  };
}

export function readRecording(file: URL): RecordedExchange[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as RecordedExchange);
}

const timeFields = new Set(['creationTimestamp', 'deletionTimestamp', 'time', 'lastTransitionTime']);

/** A value without what cannot be the same twice: uids, times, resourceVersions, tokens, random names, certificates. */
export function comparable(value: Json, key = '', owners: 'without owners' | 'with owners' = 'without owners'): Json {
  // Custom resources are discovered in the order of a Go map, so their order says nothing.
  if (Array.isArray(value) && key === 'resources' && value.every((item: Json) => typeof item?.name === 'string')) {
    return [...value].sort((a, b) => (a.name < b.name ? -1 : 1)).map((item) => comparable(item, '', owners));
  }
  if (Array.isArray(value)) return value.map((item) => comparable(item, key === 'cells' ? 'cell' : '', owners));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value as Record<string, Json>).filter(
      ([name]) => owners === 'with owners' || name !== 'managedFields',
    );
    return Object.fromEntries(entries.map(([name, item]) => [name, comparable(item, name, owners)]));
  }
  if (typeof value !== 'string') return value;
  if (key === 'uid') return '<uid>';
  if (key === 'resourceVersion') return value === '' ? '' : '<resourceVersion>';
  if (key === 'continue') return value === '' ? '' : '<continue>';
  if (key === 'serverAddress') return '<address>';
  if (key === 'ca.crt') return '<certificate>';
  if (timeFields.has(key)) return '<time>';
  if (key === 'cell' && /^\d+s$/.test(value)) return '<age>';
  return value.replace(/^gen-[a-z0-9]{5}$/, 'gen-<suffix>').replace(/\(\d+\)$/, '(<resourceVersion>)');
}

/** What the recorded server called something, and what ours does: uids, resourceVersions, continue tokens. */
class Counterparts {
  private readonly known = new Map<string, string>();

  learn(recorded: Json, ours: Json, key = ''): void {
    if (typeof recorded !== 'object' || recorded === null || typeof ours !== 'object' || ours === null) {
      const counts = key === 'uid' || key === 'resourceVersion' || key === 'continue';
      if (counts && typeof recorded === 'string' && typeof ours === 'string') this.known.set(recorded, ours);
      return;
    }
    for (const [name, item] of Object.entries(recorded as Record<string, Json>)) {
      this.learn(item, (ours as Record<string, Json>)[name], name);
    }
  }

  /** @param revision stands for resourceVersions that no recorded answer showed */
  translate(text: string, revision: number): string {
    return text
      .replace(
        /([?&]resourceVersion=)(\d{3,5})(?=&|$)/,
        (_all, head: string, old: string) => head + (this.known.get(old) ?? String(revision)),
      )
      .replace(/([?&]continue=)([^&]+)/, (_all, head: string, old: string) => head + (this.known.get(old) ?? old))
      .replace(
        /"(uid|resourceVersion)":"([^"]+)"/g,
        (_all, field: string, old: string) => `"${field}":"${this.known.get(old) ?? old}"`,
      );
  }
}

export interface Replayed {
  readonly exchange: RecordedExchange;
  readonly answer: Answer;
}

export interface ReplayOptions {
  /** Names of exchanges that are not made. */
  readonly skip: ReadonlySet<string>;
  /** What happened on the recorded server while or before an exchange was made, by the exchange's name. */
  readonly meanwhile: Readonly<Record<string, (cluster: Cluster) => Promise<void>>>;
}

/** Makes the exchanges one after the other; later requests use the uids, resourceVersions and tokens of our own answers. */
export async function replay(
  cluster: Cluster,
  recording: readonly RecordedExchange[],
  options: ReplayOptions,
): Promise<Replayed[]> {
  const counterparts = new Counterparts();
  const replayed: Replayed[] = [];
  for (const exchange of recording) {
    if (options.skip.has(exchange.name)) continue;
    const {
      method,
      path,
      body,
      contentType,
      accept,
      text = body === undefined ? undefined : JSON.stringify(body),
    } = exchange.request;
    const translate = (text: string): string => counterparts.translate(text, cluster.store.revision());
    const answering = send(cluster.server, {
      method,
      path: translate(path),
      ...(text === undefined ? {} : { body: translate(text) }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(accept === undefined ? {} : { accept }),
    });
    await options.meanwhile[exchange.name]?.(cluster);
    const answer = await answering;
    counterparts.learn(exchange.response.body, answer.body);
    replayed.push({ exchange, answer });
  }
  return replayed;
}
