/** A source that is not read further, with its place. */
export class PerlSyntaxError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.name = new.target.name;
    this.at = at;
  }
}
