/** What a run's events say happened over time, as stretches in lanes; nothing about how they are drawn. */
import type { PassPhase, RunEvent } from '../../helpers/verdict/events.ts';
import { eventsOf, phases, placementOf, placements } from '../../helpers/verdict/history.ts';
import { judgePasses } from '../../helpers/verdict/passes.ts';
import { formatDuration } from '../../helpers/verdict/quantities.ts';
import { diskWords, phaseWords, shortReplica } from '../../helpers/verdict/words.ts';

/** How a stretch looks: good, on its way, bad, of no weight, or still running when the log ended. */
export type Tone = 'good' | 'underway' | 'bad' | 'neutral' | 'plain' | 'open';

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly label: string;
  readonly tone: Tone;
  readonly tooltip: string;
}

export interface Lane {
  readonly label: string;
  readonly detail: string;
  readonly kind: 'step' | 'volume' | 'replica' | 'pass';
  readonly stretches: readonly Stretch[];
}

export interface Mark {
  readonly tMs: number;
  readonly label: string;
}

export function endOf(events: readonly RunEvent[]): number {
  return Math.max(1, ...events.map(({ tMs }) => tMs));
}

export function lanesOf(events: readonly RunEvent[]): Lane[] {
  return [...stepLanes(events), ...volumeLanes(events), ...replicaLanes(events), ...passLanes(events)];
}

/** The moments that the rest is read against. Those of one kind whose words would cover one another are one. */
export function marksOf(events: readonly RunEvent[]): Mark[] {
  const closeMs = endOf(events) / 10;
  const marks: { tMs: number; verb: string; replicas: string[] }[] = [];
  for (const event of events) {
    const moment = momentOf(event);
    if (moment === undefined) continue;
    const { verb, replica } = moment;
    const open = marks.findLast((mark) => mark.verb === verb);
    if (open !== undefined && event.tMs - open.tMs < closeMs) open.replicas.push(replica);
    else marks.push({ tMs: event.tMs, verb, replicas: [replica] });
  }
  return marks.map(({ tMs, verb, replicas: [first = '', ...more] }) => {
    const who = more.length === 0 ? shortReplica(first) : `${String(more.length + 1)} replicas`;
    return { tMs, label: `${who} ${verb}` };
  });
}

function momentOf(event: RunEvent): { verb: 'deleted' | 'rebuilt'; replica: string } | undefined {
  if (event.type === 'replica-deleted') return { verb: 'deleted', replica: event.replica.replica };
  if (event.type === 'rebuild-proven') return { verb: 'rebuilt', replica: event.rebuilt.replica };
  return undefined;
}

function stepLanes(events: readonly RunEvent[]): Lane[] {
  const end = endOf(events);
  const open = new Map<string, number>();
  const stretches: Stretch[] = [];
  for (const { tMs, title, state, error } of eventsOf(events, 'step')) {
    if (state === 'started') {
      open.set(title, tMs);
      continue;
    }
    const fromMs = open.get(title) ?? tMs;
    open.delete(title);
    const tone = state === 'failed' ? 'bad' : 'plain';
    const words = `${title}\n${formatDuration(tMs - fromMs)}${error === undefined ? '' : `\nfailed: ${error}`}`;
    stretches.push({ fromMs, toMs: tMs, label: title, tone, tooltip: words });
  }
  for (const [title, fromMs] of open) {
    stretches.push({
      fromMs,
      toMs: end,
      label: title,
      tone: 'open',
      tooltip: `${title}\nthe log ends before this step`,
    });
  }
  return stackRows(stretches).map((row, index) => ({
    label: index === 0 ? 'steps' : '',
    detail: '',
    kind: 'step',
    stretches: row,
  }));
}

/** Steps inside steps go to a row below. */
function stackRows(stretches: readonly Stretch[]): Stretch[][] {
  const rows: Stretch[][] = [];
  for (const stretch of [...stretches].sort((a, b) => a.fromMs - b.fromMs || b.toMs - a.toMs)) {
    const row = rows.find((placed) => placed.every(({ toMs }) => toMs <= stretch.fromMs));
    if (row === undefined) rows.push([stretch]);
    else row.push(stretch);
  }
  return rows;
}

const robustnessTones: Readonly<Record<string, Tone>> = { healthy: 'good', degraded: 'underway', faulted: 'bad' };

function volumeLanes(events: readonly RunEvent[]): Lane[] {
  const end = endOf(events);
  const volumes = eventsOf(events, 'observed').filter(({ kind }) => kind === 'Volume');
  return [...new Set(volumes.map(({ name }) => name))].map((name) => {
    const states = volumes
      .filter((event) => event.name === name)
      .map(({ tMs, summary }) => {
        const state = summary['state'] ?? 'unknown';
        const robustness = summary['robustness'] ?? 'unknown';
        return {
          tMs,
          value: state === 'attached' ? robustness : state,
          tone: robustnessTones[robustness] ?? 'neutral',
        };
      });
    return { label: 'volume', detail: name, kind: 'volume', stretches: stretchesOf(states, end) };
  });
}

interface State {
  readonly tMs: number;
  /** Null where there is nothing to show. */
  readonly value: string | null;
  readonly tone: Tone;
}

/** Each state lasts until the next one that differs. */
function stretchesOf(states: readonly State[], end: number): Stretch[] {
  const changes = states.filter((state, index) => state.value !== states[index - 1]?.value);
  return changes.flatMap(({ tMs, value, tone }, index) => {
    const toMs = changes[index + 1]?.tMs ?? end;
    if (value === null) return [];
    return [{ fromMs: tMs, toMs, label: value, tone, tooltip: `${value}\n${formatDuration(toMs - tMs)}` }];
  });
}

const modeTones: Readonly<Record<string, Tone>> = { RW: 'good', WO: 'underway', ERR: 'bad' };

/** Modes as the replica's engine shows them; a replica that its mode map no longer names has gone. */
function replicaLanes(events: readonly RunEvent[]): Lane[] {
  const end = endOf(events);
  const where = placements(events);
  const seen = eventsOf(events, 'observed')
    .filter(({ kind }) => kind === 'Engine')
    .map(({ tMs, name, summary }) => ({ tMs, engine: name, modes: parsePairs(summary['replicaModes'] ?? '') }))
    .sort((a, b) => a.tMs - b.tMs);
  // An engine calls a replica that has no object any more `UNKNOWN-<address>`; it is one of the others, just deleted.
  const named = seen.flatMap(({ modes }) => [...modes.keys()].filter((name) => !name.startsWith('UNKNOWN-')));
  return [...new Set(named)].map((name) => {
    const engines = new Set(seen.filter(({ modes }) => modes.has(name)).map(({ engine }) => engine));
    const states = seen
      .filter(({ engine }) => engines.has(engine))
      .map(({ tMs, modes }): State => {
        const value = modes.get(name) ?? null;
        return { tMs, value, tone: modeTones[value ?? ''] ?? 'neutral' };
      });
    const placement = placementOf(where, name);
    const detail = placement.diskUuid === null ? '' : diskWords(placement);
    return { label: shortReplica(name), detail, kind: 'replica', stretches: stretchesOf(states, end) };
  });
}

/** `a=RW b=WO`, as the log writes a map. */
function parsePairs(text: string): Map<string, string> {
  return new Map(
    text
      .split(/\s+/)
      .filter((pair) => pair.includes('='))
      .map((pair) => [pair.slice(0, pair.lastIndexOf('=')), pair.slice(pair.lastIndexOf('=') + 1)]),
  );
}

const phaseLabels: Record<PassPhase, string> = {
  ...phaseWords,
  isolated: 'one replica alone',
  reattached: 'reattached elsewhere',
};

function passLanes(events: readonly RunEvent[]): Lane[] {
  const judged = judgePasses(events);
  const lost = eventsOf(events, 'pass-lost');
  return phases.flatMap((phase): Lane[] => {
    const passes = judged
      .filter(({ pass }) => pass.phase === phase)
      .map(({ pass, outcome }): Stretch => {
        const label = outcome === 'right' ? '✓' : outcome === 'wrong' ? '✗' : '?';
        const tone = outcome === 'right' ? 'good' : outcome === 'wrong' ? 'bad' : 'neutral';
        const { requestBytes, phaseBytes, depth } = pass.shape;
        const shape = `${requestBytes / 1024} KiB requests from ${phaseBytes / 1024} KiB, ${depth} in flight`;
        const words = `${phase} pass ${pass.index}: ${outcome}\n${shape}\n${formatDuration(pass.durationMs)} on ${pass.node}`;
        return { fromMs: Math.max(0, pass.tMs - pass.durationMs), toMs: pass.tMs, label, tone, tooltip: words };
      });
    const lostHere = lost
      .filter((event) => event.phase === phase)
      .map(({ tMs, index, reason }): Stretch => {
        return {
          fromMs: tMs,
          toMs: tMs,
          label: '?',
          tone: 'neutral',
          tooltip: `${phase} pass ${index} lost: ${reason}`,
        };
      });
    const stretches = [...passes, ...lostHere].sort((a, b) => a.fromMs - b.fromMs);
    if (stretches.length === 0) return [];
    const right = passes.filter(({ tone }) => tone === 'good').length;
    return [
      {
        label: 'passes',
        detail: `${phaseLabels[phase]}: ${right} of ${stretches.length} right`,
        kind: 'pass',
        stretches,
      },
    ];
  });
}
