/**
 * Order of resourceVersions of one resource type. They are decimal numbers that grow, which Kubernetes promises for its
 * own storage and for custom resources; anything else counts as newer, which costs a repetition and loses nothing.
 */
export function isNewer(candidate: string, known: string): boolean {
  if (known === '') return true;
  if (!/^\d+$/.test(candidate) || !/^\d+$/.test(known)) return candidate !== known;
  return candidate.length === known.length ? candidate > known : candidate.length > known.length;
}
