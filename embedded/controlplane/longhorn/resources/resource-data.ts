import type { LonghornVersion } from '../../../versions/profile.ts';

/**
 * A Longhorn kind as compact data. `versions` and a line's `@` are inclusive ranges of releases, open where a side is
 * missing: `@1.9.0..`, `@..1.11.3`.
 */
export interface ResourceData {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  /** The first release that has the kind. */
  readonly since?: LonghornVersion;
  /** The last release that also serves it as `v1beta1`. */
  readonly v1beta1Until?: LonghornVersion;
  /** Required fields of the object itself. */
  readonly required?: readonly string[];
  /** One line per printer column: `name | type | jsonPath [| priority=n]`. */
  readonly columns: readonly { readonly versions?: string; readonly table: string }[];
  /** Indented lines `name type [nullable] [enum=a,b] [min=n] [max=n] [required=a,b] [immutable] [set-once] [@range]`. */
  readonly fields: string;
}
