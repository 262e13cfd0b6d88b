import type { RunEvent } from '../helpers/verdict/events.ts';
import { plannedPasses } from '../helpers/verdict/history.ts';
import type { Plan } from '../helpers/oracle/plan.ts';

/** What a run is doing now, in a few words, from the events that it has logged so far. */
export class ProgressLine {
  private plan: Plan | undefined;
  private words = '';

  take(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type === 'plan') this.plan = event.plan;
      this.words = this.wordsAfter(event);
    }
  }

  /** Empty when there is nothing to add to the step's title. */
  text(): string {
    return this.words;
  }

  private wordsAfter(event: RunEvent): string {
    switch (event.type) {
      case 'pass': {
        const done = event.index + 1;
        const planned = Math.max(done, plannedPasses(this.plan, event.phase));
        const wrong = event.wrongMibs.length === 0 ? 'right' : `${event.wrongMibs.length} MiB wrong`;
        return `pass ${done}/${planned} ${wrong}`;
      }
      case 'pass-lost':
        return `pass ${event.index + 1} lost: ${event.reason}`;
      case 'observed': {
        const { state, robustness, rebuild } = event.summary;
        const seen = [state, robustness, rebuild].filter((word) => word !== undefined && word !== '').join(' ');
        return seen === '' ? this.words : `${event.kind} ${seen}`;
      }
      case 'step':
        return '';
      default:
        return this.words;
    }
  }
}
