/** An error as KMS answers it: its kind, and words that may be absent. */
export class Refusal extends Error {
  readonly kind: string;
  constructor(kind: string, message = '') {
    super(message);
    this.kind = kind;
  }
}
