/** One variable that is wrong or missing; `message` goes on from its name. */
export interface ConfigProblem {
  name: string;
  message: string;
}
