import { UsageError } from './usage-error.ts';

/** A container image as `--<flag>` names it. Throws `UsageError`. */
export function parseImageReference(flag: string, text: string): string {
  if (!/^[\w.:/@-]{1,255}$/.test(text)) throw new UsageError(`--${flag} wants an image reference, got "${text}"`);
  return text;
}
