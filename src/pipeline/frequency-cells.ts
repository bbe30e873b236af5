import type { Level } from '../distort/level.js';
import type { Input } from '../frequency/inputs.js';
import type { Experiment } from './experiment.js';
import type { LevelImages } from './images.js';
import { once } from './once.js';
import type { Candidate } from './steps/evaluate.js';
import { frequencyStep, type FrequencyOutput } from './steps/frequency.js';
import type { Evaluator } from './steps/score.js';
import type { Step } from './graph.js';

/** A method's network for a level, and images to measure its frequency response on. */
export interface FrequencyCell {
  method: string;
  input: Input;
  step: Step<FrequencyOutput>;
}

/** Makes the frequency responses that an experiment asks for, each once. */
export class FrequencyCells {
  private readonly responses = new Map<string, Step<FrequencyOutput>>();

  constructor(
    private readonly settings: Experiment['frequency'],
    private readonly clean: LevelImages,
    private readonly evaluator: Evaluator,
  ) {}

  /** @param candidates the methods' networks for `level`, by the methods' names */
  at(level: Level, candidates: readonly Candidate[], distorted: LevelImages): FrequencyCell[] {
    const { settings } = this;
    if (!settings?.levels.includes(level.text)) return [];
    const images = { clean: this.clean, distorted };
    const measured = candidates.filter(({ name }) => settings.methods.includes(name));
    return settings.inputs.flatMap((input) =>
      measured.map((candidate): FrequencyCell => {
        const seen = images[input];
        const target = { candidate, level: level.text, images: seen, part: settings.samples };
        // A network that serves all levels is measured once on clean images.
        const work = `${candidate.form} ${candidate.tuned?.id ?? 'base'} ${seen.level.text}`;
        const step = once(this.responses, work, () => frequencyStep(target, this.evaluator));
        return { method: candidate.name, input, step };
      }),
    );
  }
}
