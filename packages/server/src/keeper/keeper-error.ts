/** Why a keeper's command does not do what it was asked, and what the keeper can do. Its code is that of an owner's server, if it has one. */
export class KeeperError extends Error {
  override name = "KeeperError";
  readonly hint: string;
  readonly code: string | undefined;
  constructor(message: string, hint: string, code?: string) {
    super(message);
    this.hint = hint;
    this.code = code;
  }
}
