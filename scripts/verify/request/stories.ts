import { interruptions } from '../../../fixtures/interruption-kinds.ts';
import type { RunOptions } from '../../../fixtures/run-options.ts';
import { scenarioNames } from '../../../fixtures/scenarios.ts';
import { storiesOf } from '../../../helpers/eventlog/story.ts';
import { mostVolumes, usualVolumes } from '../../../helpers/oracle/parallel-plan.ts';
import { mainScenario } from '../../../helpers/oracle/plan.ts';
import type { Flags } from '../../command-line/flags.ts';
import { UsageError } from '../../command-line/usage-error.ts';
import { parseShard, type Shard, storiesOfShard } from '../../shards/shard.ts';

/** Which stories a run tells: scenarios, and the image formats of each. Throws `UsageError`. */
export function parseStories(
  flags: Flags,
): Pick<RunOptions, 'scenarios' | 'images' | 'sharedParent' | 'interruption' | 'volumes'> {
  const sharedParent = flags.choice('shared-parent', ['backing-image', 'linked-clone']) ?? 'backing-image';
  const images = parseImageFormats(flags, sharedParent);
  const scenarios = parseScenarios(flags.text('scenario'));
  if (flags.given('interruption') && !scenarios.includes('interrupted-rebuild')) {
    throw new UsageError('--interruption needs --scenario interrupted-rebuild, the one that interrupts a rebuild');
  }
  if (flags.given('volumes') && !scenarios.includes('parallel-rebuilds')) {
    throw new UsageError('--volumes needs --scenario parallel-rebuilds, the one that rebuilds several');
  }
  const interruption = flags.choice('interruption', interruptions) ?? 'replica';
  const volumes = flags.integer('volumes', { min: 2, max: mostVolumes }) ?? usualVolumes;
  return { scenarios, images, sharedParent, interruption, volumes };
}

function parseScenarios(text: string | undefined): string[] {
  if (text === undefined) return [mainScenario];
  if (text === 'all') return scenarioNames();
  const names = [...new Set(text.split(','))];
  const unknown = names.find((name) => !scenarioNames().includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`--scenario wants all or some of ${scenarioNames().join(', ')}, got "${unknown}"`);
  }
  return names;
}

/** A linked clone has no image file: its one run is called raw. */
function parseImageFormats(flags: Flags, sharedParent: RunOptions['sharedParent']): RunOptions['images'] {
  const image = flags.choice('image', ['raw', 'qcow2', 'both']);
  if (sharedParent === 'linked-clone') {
    if (image !== undefined && image !== 'raw') {
      throw new UsageError(`--image ${image} needs --shared-parent backing-image: a linked clone has no image file`);
    }
    return ['raw'];
  }
  return image === undefined || image === 'both' ? ['raw', 'qcow2'] : [image];
}

/**
 * The part of a run's stories that this machine tells; undefined: all. Shards draw their plans apart from one another:
 * only a seed that was given is the same on all machines. Throws `UsageError`.
 */
export function parseShardOf(run: Pick<RunOptions, 'scenarios' | 'images'>, flags: Flags): Shard | undefined {
  const text = flags.text('shard');
  if (text === undefined) return undefined;
  if (!flags.given('seed')) throw new UsageError('--shard needs --seed, the same one on every machine');
  if (flags.given('verdict-only'))
    throw new UsageError('--shard leaves reports to merge, which --verdict-only forbids');
  const shard = parseShard(text);
  if (storiesOfShard(run, shard).length > 0) return shard;
  throw new UsageError(`--shard ${text} has nothing to do: the run has ${String(storiesOf(run).length)} stories`);
}
