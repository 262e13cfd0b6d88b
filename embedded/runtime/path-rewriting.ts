import type { PodPaths } from './contract.ts';

/**
 * Characters that a path component may hold besides letters and digits. A declared path is only replaced where neither
 * side continues with one, so that `/config` is found in `--file=/config/a`, but not in `/etc/config` or `/configs`.
 */
const before = String.raw`(?:(?<=file:\/\/)|(?<![\p{L}\p{N}_.\-\/~}\])*?%+@]))`;
const after = String.raw`(?![\p{L}\p{N}_.\-~%+@])`;

/**
 * Returns a function that replaces every declared path of a pod by what it is on this machine: whole path components
 * only, the longest declared path first, each occurrence once. It works on any text, hence also on shell scripts in argv;
 * it cannot see paths that a program puts together itself or reads from a file.
 */
export function createPathRewriter(paths: PodPaths): (text: string) => string {
  const targets = new Map<string, string>();
  for (const [declared, target] of Object.entries(paths.rewrites)) {
    const path = declared.replace(/\/+$/, '');
    if (path.startsWith('/') && path !== '') {
      targets.set(path, target);
    }
  }
  if (targets.size === 0) {
    return (text) => text;
  }
  const longestFirst = [...targets.keys()].sort((left, right) => right.length - left.length);
  const escaped = longestFirst.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const pattern = new RegExp(`${before}(?:${escaped.join('|')})${after}`, 'gu');
  return (text) => text.replace(pattern, (path) => targets.get(path) ?? path);
}
