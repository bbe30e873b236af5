import type { GearnnError } from '../common/errors.js';

/** What is done with a problem that leaves the rest of a dataset readable: thrown, unless someone collects them. */
export type Report = (problem: GearnnError) => void;

export function throwProblem(problem: GearnnError): never {
  throw problem;
}
