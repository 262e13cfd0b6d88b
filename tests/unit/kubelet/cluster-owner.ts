/** Runs a cluster whose only pod has a family of processes, says so on standard output, and waits to be killed or for the end of its input. */
import { shellPod, startTestCluster } from './cluster.ts';

// A test that fails before it kills this process must not leave it behind.
process.stdin.once('end', () => process.exit()).resume();

const cluster = await startTestCluster({ seed: 'owner' });
// In a pod's command `$$` stands for one dollar sign.
cluster.createPod('family', shellPod('sleep 1000 & trap "" TERM HUP; echo $! > pids; echo $$$$ >> pids; wait'));
await cluster.untilReady('family');
const { stdout } = await cluster.exec('family', [
  'sh',
  '-c',
  'until [ -e pids ] && [ "$(wc -l < pids)" -ge 2 ]; do sleep 0.01; done; cat pids',
]);
const pids = stdout.trim().split('\n').map(Number);
// An exec that never ends, and one process that was left in the background.
void cluster.exec('family', ['sh', '-c', 'echo $$ > exec; sleep 1000']);
await cluster.exec('family', ['sh', '-c', 'sleep 1000 > /dev/null 2>&1 & echo $! > background']);
const others = await cluster.exec('family', [
  'sh',
  '-c',
  'until [ -s exec ]; do sleep 0.01; done; cat exec background',
]);
pids.push(...others.stdout.trim().split('\n').map(Number));
console.error(JSON.stringify({ pids, directory: cluster.directory }));
