/** A property of the construct that cannot be used; the message says which, what was expected and what was found. */
export class PropError extends RangeError {
  override readonly name = "PropError";
  readonly prop: string;
  /** The message without the property's name. */
  readonly problem: string;

  constructor(prop: string, problem: string) {
    super(`prop ${prop}: ${problem}`);
    this.prop = prop;
    this.problem = problem;
  }
}
