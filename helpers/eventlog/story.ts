import { mainScenario, type ImageFormat } from '../oracle/plan.ts';

/** One scenario on one image format: a test with an event log of its own. */
export interface Story {
  readonly scenario: string;
  readonly image: ImageFormat;
}

/** The folder of a story's log below the run's, and a part of the names of what it creates. */
export function storyName({ scenario, image }: Story): string {
  return scenario === mainScenario ? image : `${scenario}-${image}`;
}

/** All stories of a run, in the order in which they are told. */
export function storiesOf(run: {
  readonly scenarios: readonly string[];
  readonly images: readonly ImageFormat[];
}): Story[] {
  return run.scenarios.flatMap((scenario) => run.images.map((image) => ({ scenario, image })));
}
