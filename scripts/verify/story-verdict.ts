import { judge } from '../../helpers/verdict/judge.ts';
import type { RunEvent } from '../../helpers/verdict/events.ts';
import type { Verdict } from '../../helpers/verdict/verdict.ts';

/** The verdict on a story's log; where there is none, its cause comes first, before all that is missing with it. */
export function storyVerdict(events: readonly RunEvent[], whyThereIsNone: string): Verdict {
  const verdict = judge(events);
  if (events.length > 0) return verdict;
  return { ...verdict, headline: whyThereIsNone, causes: [whyThereIsNone, ...verdict.causes] };
}
