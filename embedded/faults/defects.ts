/** Where the defects that faults copy are written down. */
import type { Defect } from './fault.ts';

export const longhorn = (issue: number): Defect => githubIssue('longhorn/longhorn', issue, 'LH');
export const githubIssue = (repository: string, issue: number, short = repository): Defect => ({
  name: `${short}#${String(issue)}`,
  url: `https://github.com/${repository}/issues/${String(issue)}`,
});
export const pull = (repository: string, number: number): Defect => ({
  name: `${repository}!${String(number)}`,
  url: `https://github.com/${repository}/pull/${String(number)}`,
});
export const commit = (repository: string, hash: string): Defect => ({
  name: `${repository}@${hash}`,
  url: `https://github.com/${repository}/commit/${hash}`,
});
export const engineCommit = (hash: string): Defect => commit('longhorn/longhorn-spdk-engine', hash);
export const spdkCommit = (hash: string): Defect => commit('spdk/spdk', hash);
export const page = (name: string, url: string): Defect => ({ name, url });
