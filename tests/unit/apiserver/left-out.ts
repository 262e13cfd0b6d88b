/** Where the embedded server differs from the recording on purpose, and why. The replay checks everything else. */

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- recorded bodies are whatever the server sent
type Json = any;

export interface LeftOut {
  readonly exchange: string;
  readonly reason: string;
  /** The body without what differs. */
  without(body: Json): Json;
}

function withoutGroup(body: Json, list: 'groups' | 'items'): Json {
  const nameOf = (entry: Json): string => (entry.name ?? entry.metadata?.name) as string;
  return { ...body, [list]: (body[list] as Json[]).filter((entry) => nameOf(entry) !== 'longhorn.io') };
}

export const leftOut: readonly LeftOut[] = [
  {
    exchange: 'api groups',
    reason: 'the group longhorn.io comes with the Longhorn control plane, which this replay runs without',
    without: (body) => withoutGroup(body, 'groups'),
  },
  {
    exchange: 'aggregated discovery',
    reason: 'the group longhorn.io comes with the Longhorn control plane, which this replay runs without',
    without: (body) => withoutGroup(body, 'items'),
  },
];

const answersOfLonghorn = 'answered by the CRDs and webhooks of Longhorn, replayed where its control plane is tested';

/** Exchanges that need the CRDs, objects or webhooks of the Longhorn control plane. */
export const needsLonghorn: readonly { readonly name: string; readonly reason: string }[] = [
  'longhorn group',
  'longhorn resources',
  'longhorn replicas missing',
  'bi v2',
  'bi no url',
  'bi bad checksum',
  'bi loopback',
  'bi bad engine',
  'volume v2 disabled',
  'volume missing image',
  'volume no frontend',
  'volume 99 replicas',
  'volume created, defaults filled in',
  'setting get',
  'setting unknown create',
  'setting v2 on',
  'settings list',
  'longhorn nodes',
  'longhorn volumes table',
  'engine images',
  'instance managers',
].map((name) => ({ name, reason: answersOfLonghorn }));
