import { parseArgs } from 'node:util';
import type { PassShape } from '../helpers/oracle/plan.ts';
import { patternStage, writtenContent, type ContentRecipe } from '../helpers/oracle/recipe.ts';
import { messageOf, ProbeError } from './exit-codes.ts';
import { isNonce } from './framing.ts';

/** A command line, understood. `idle` keeps a pod alive for later commands and ends at once when asked to. */
export type Command =
  | { readonly name: 'identify'; readonly device: string; readonly nonce: string }
  | {
      readonly name: 'write';
      readonly device: string;
      readonly nonce: string;
      readonly planPath: string;
      readonly stage: string;
    }
  | {
      readonly name: 'discarded';
      readonly device: string;
      readonly nonce: string;
      readonly planPath: string;
      readonly content: ContentRecipe;
    }
  | { readonly name: 'fill'; readonly device: string; readonly nonce: string; readonly planPath: string }
  | {
      readonly name: 'pass';
      readonly device: string;
      readonly nonce: string;
      readonly planPath: string;
      /** Absent: the probe computes what to expect. */
      readonly expectedPath?: string;
      /** Absent: what the plan's first writes make. */
      readonly content?: ContentRecipe;
      readonly shape: PassShape;
      readonly inspectLimitBytes: number;
    }
  | {
      readonly name: 'churn';
      readonly device: string;
      readonly nonce: string;
      readonly planPath: string;
      /** What is there before, and how far an earlier churn came. */
      readonly content: ContentRecipe;
      /** It ends by itself after that time. */
      readonly mostSeconds: number;
    }
  | {
      readonly name: 'settle';
      readonly device: string;
      readonly nonce: string;
      readonly planPath: string;
      /** How far the writes were acknowledged. */
      readonly content: ContentRecipe;
      /** Per connection, how many writes were sent. */
      readonly sent: readonly number[];
    }
  | { readonly name: 'stop'; readonly device: string; readonly nonce: string; readonly process: string }
  | { readonly name: 'idle' }
  | { readonly name: 'serve'; readonly planPath: string; readonly host: string; readonly port: number };

export const usage = `usage: probe identify --device DEVICE --nonce NONCE
       probe write    --device DEVICE --nonce NONCE --plan FILE [--stage NAME]
       probe discarded --device DEVICE --nonce NONCE --plan FILE --content JSON
       probe fill     --device DEVICE --nonce NONCE --plan FILE
       probe pass     --device DEVICE --nonce NONCE --plan FILE --shape REQUEST:PHASE:DEPTH[:small]
                      [--expected FILE] [--content JSON] [--inspect-limit BYTES]
       probe churn    --device DEVICE --nonce NONCE --plan FILE [--content JSON] [--most-seconds N]
       probe settle   --device DEVICE --nonce NONCE --plan FILE --content JSON --sent N,N,…
       probe stop     --device DEVICE --nonce NONCE --process NONCE
       probe serve    --plan FILE [--host 0.0.0.0] [--port 8080]
       probe idle
DEVICE is a path or nbd+unix:///EXPORT?socket=PATH; REQUEST and PHASE are bytes.
A content is {"name", "stages", "sizeBytes"?}; --expected holds the digests of what is expected, computed when absent.`;

const optionNames = [
  'device',
  'nonce',
  'plan',
  'expected',
  'content',
  'stage',
  'shape',
  'process',
  'sent',
  'most-seconds',
  'inspect-limit',
  'host',
  'port',
] as const;
type OptionName = (typeof optionNames)[number];

const usualInspectLimitBytes = 64 * 1024 * 1024;

function parseShape(text: string): PassShape {
  const match = /^(\d+):(\d+):(\d+)(:small)?$/.exec(text);
  if (!match) throw new ProbeError('usage', `--shape wants REQUEST:PHASE:DEPTH[:small], not ${text}`);
  const shape = { requestBytes: Number(match[1]), phaseBytes: Number(match[2]), depth: Number(match[3]) };
  return match[4] === undefined ? shape : { ...shape, small: 'some' };
}

function parseContent(text: string): ContentRecipe {
  try {
    const recipe = JSON.parse(text) as Partial<ContentRecipe> | null;
    if (typeof recipe?.name === 'string' && Array.isArray(recipe.stages)) return recipe as ContentRecipe;
  } catch {
    // Said below, like every other way of being no content.
  }
  throw new ProbeError('usage', `--content wants {"name", "stages", "sizeBytes"?}, not ${text}`);
}

function parseNumber(text: string, name: OptionName, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most)
    throw new ProbeError('usage', `--${name} wants a number up to ${most}, not ${text}`);
  return value;
}

/** @throws {ProbeError} `usage` */
export function parseCommandLine(args: readonly string[]): Command {
  let parsed;
  try {
    const options = Object.fromEntries(optionNames.map((name) => [name, { type: 'string' as const }]));
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new ProbeError('usage', messageOf(error), { cause: error });
  }
  const given = parsed.values as Partial<Record<OptionName, string>>;
  const need = (name: OptionName): string => {
    const value = given[name];
    if (value === undefined) throw new ProbeError('usage', `--${name} is missing`);
    return value;
  };
  const target = (): { device: string; nonce: string } => {
    if (!isNonce(need('nonce'))) throw new ProbeError('usage', '--nonce wants 8 to 64 letters, digits, _ or -');
    return { device: need('device'), nonce: need('nonce') };
  };
  const [name, ...more] = parsed.positionals;
  if (more.length > 0) throw new ProbeError('usage', `unexpected: ${more.join(' ')}`);
  switch (name) {
    case 'identify':
      return { name, ...target() };
    case 'write':
      return { name, ...target(), planPath: need('plan'), stage: given.stage ?? patternStage };
    case 'discarded':
      return { name, ...target(), planPath: need('plan'), content: parseContent(need('content')) };
    case 'fill':
      return { name, ...target(), planPath: need('plan') };
    case 'pass': {
      const limit = given['inspect-limit'];
      const inspectLimitBytes =
        limit === undefined ? usualInspectLimitBytes : parseNumber(limit, 'inspect-limit', 2 ** 40);
      const expected = given.expected === undefined ? {} : { expectedPath: given.expected };
      const content = given.content === undefined ? {} : { content: parseContent(given.content) };
      const paths = { planPath: need('plan'), ...expected, ...content };
      return { name, ...target(), ...paths, shape: parseShape(need('shape')), inspectLimitBytes };
    }
    case 'churn': {
      const content = given.content === undefined ? writtenContent : parseContent(given.content);
      const mostSeconds = parseNumber(given['most-seconds'] ?? '3600', 'most-seconds', 86_400);
      return { name, ...target(), planPath: need('plan'), content, mostSeconds };
    }
    case 'settle': {
      const content = parseContent(need('content'));
      const sent = need('sent')
        .split(',')
        .map((count) => parseNumber(count, 'sent', 2 ** 40));
      return { name, ...target(), planPath: need('plan'), content, sent };
    }
    case 'stop': {
      if (!isNonce(need('process'))) throw new ProbeError('usage', '--process wants the nonce of a churn');
      return { name, ...target(), process: need('process') };
    }
    case 'serve': {
      const port = parseNumber(given.port ?? '8080', 'port', 65535);
      return { name, planPath: need('plan'), host: given.host ?? '0.0.0.0', port };
    }
    case 'idle':
      return { name };
    default:
      throw new ProbeError('usage', `unknown command ${name ?? '(none)'}`);
  }
}
