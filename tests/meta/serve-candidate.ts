/**
 * `serve-candidate.ts DIR`: brings the release of `$CANDIDATE` onto the cluster of `DIR/kubeconfig`, as an installer
 * would: an embedded cluster of that release takes the place of the one before, and lives on. `DIR/pid` ends it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedProcess } from '../../scripts/verify/embedded-process.ts';

const directory = process.argv[2] ?? '';
try {
  process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')));
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
const cluster = await startEmbeddedProcess({ flags: ['--longhorn', process.env['CANDIDATE'] ?? ''], outlive: true });
writeFileSync(join(directory, 'pid'), String(cluster.pid));
writeFileSync(join(directory, 'kubeconfig'), readFileSync(cluster.kubeconfig));
cluster.release();
