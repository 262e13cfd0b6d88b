/** The order of versions: stable before beta before alpha, the later first (apimachinery:pkg/version/helpers.go@v0.36.2). */
const pattern = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const stages: readonly (string | undefined)[] = [undefined, 'beta', 'alpha'];

function compareVersions(one: string, other: string): number {
  const [left, right] = [pattern.exec(one), pattern.exec(other)];
  if (left === null || right === null) return left === right ? (one < other ? -1 : 1) : left === null ? 1 : -1;
  const stage = stages.indexOf(left[2]) - stages.indexOf(right[2]);
  if (stage !== 0) return stage;
  const major = Number(right[1]) - Number(left[1]);
  return major === 0 ? Number(right[3] ?? 0) - Number(left[3] ?? 0) : major;
}

/** The names of versions, the preferred one first. */
export function byVersion(names: readonly string[]): string[] {
  return [...names].sort(compareVersions);
}
