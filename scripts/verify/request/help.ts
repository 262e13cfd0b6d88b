import { scenarioNames } from '../../../fixtures/scenarios.ts';
import { mostVolumes, usualVolumes } from '../../../helpers/oracle/parallel-plan.ts';
import { mainScenario } from '../../../helpers/oracle/plan.ts';
import type { CommandHelp } from '../../command-line/flags.ts';
import { targetFlags } from './target.ts';

export const verifyHelp: CommandHelp = {
  summary:
    'Proves what every block of a Longhorn V2 volume must be, across the deletion and rebuild of a replica.\n' +
    'Without --context the embedded cluster is used: nothing needs to be installed.',
  usage: 'npm run verify -- [flags]',
  flags: {
    ...targetFlags,
    fault: {
      value: 'ID[:KEY=VALUE,…]',
      text: 'embedded only: what the cluster does wrong; `npm run faults -- --list` shows all',
    },
    scenario: { value: 'NAME,…', text: `which scenarios, or all: ${scenarioHelp()}` },
    interruption: {
      value: 'KIND',
      text: 'what ends the rebuild of interrupted-rebuild half-way: replica (it is deleted; default), target or source (the instance manager on its node is lost), node (the target’s is cordoned and loses it, as near to a reboot as an API comes)',
    },
    volumes: {
      value: 'N',
      text: `how many volumes parallel-rebuilds rebuilds at once (2 to ${String(mostVolumes)}, default ${String(usualVolumes)})`,
    },
    'shared-parent': {
      value: 'KIND',
      text: 'what the replicas hang on: backing-image (default), or linked-clone (Longhorn 1.12.1 or newer)',
    },
    image: { value: 'FORMAT', text: 'raw, qcow2 or both (default both)' },
    size: {
      value: 'SIZE',
      text: "what the volume's claim asks for; Longhorn rounds it up to a multiple of 2Mi (default 516Mi)",
    },
    'image-size': { value: 'SIZE', text: 'size of the image, whole MiB (default 64Mi, or half of a small volume)' },
    replicas: { value: 'N', text: 'replicas of the volume (default 2)' },
    reads: { value: 'N', text: 'passes over the device after the rebuild (default 10)' },
    seed: { value: 'TEXT', text: 'seed of every random choice; printed first (default random)' },
    keep: { text: 'keep everything that the run created, to look at it' },
    'keep-on-failure': { text: 'keep it unless the verdict is consistent' },
    namespace: { value: 'NAME', text: 'namespace for pods and claims (default v2-verifier-<run>)' },
    'longhorn-namespace': { value: 'NAME', text: "Longhorn's namespace (default longhorn-system)" },
    'probe-image': {
      value: 'IMAGE',
      text: 'image with Node and coreutils for the probe pod (default node:20-bookworm-slim)',
    },
    'pull-secret': {
      value: 'NAME,…',
      text: 'secrets of the --namespace with which nodes pull it; the run itself never reads them',
    },
    'support-bundle-limit': {
      value: 'SIZE',
      text: "what Longhorn's support bundle of a failed run may have (default 200Mi); 0 takes none",
    },
    'lock-timeout': {
      value: 'SECONDS',
      text: 'how long to wait for another run on the same cluster (default 600)',
    },
    'rebuild-timeout': { value: 'SECONDS', text: 'how long one rebuild may take (default 900)' },
    'pass-timeout': { value: 'SECONDS', text: 'how long one pass may take (default 900)' },
    'upstream-checksum': { text: 'also take the checksums that the upstream test takes', hidden: true },
    'depth-one': { text: 'one request in flight in every pass', hidden: true },
    shard: { value: 'I/N', text: 'tell only this part of the stories; `npm run merge` makes one run of all parts' },
    'verdict-only': { text: 'event logs and verdicts, no reports for people: for runs by the dozen' },
    out: { value: 'DIR', text: 'where reports go (default reports/out/<run>)' },
  },
  examples: [
    'npm run verify',
    'npm run verify -- --longhorn 1.8.0',
    'npm run verify -- --context kind-longhorn --image raw --replicas 3',
    'npm run verify -- --seed 5eed --size 2Gi --reads 20 --keep',
  ],
};

function scenarioHelp(): string {
  return scenarioNames()
    .map((name) => (name === mainScenario ? `${name} (default)` : name))
    .join(', ');
}
