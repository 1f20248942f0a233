/** An answer of the API that is no success, in the shape of docs.stripe.com/api/errors. */
export class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | undefined;
  readonly param: string | undefined;

  constructor(status: number, message: string, about: { type?: string; code?: string; param?: string } = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.type = about.type ?? 'invalid_request_error';
    this.code = about.code;
    this.param = about.param;
  }

  body(): { error: Record<string, string> } {
    const { type, message, code, param } = this;
    const about = code ? { code, doc_url: `https://docs.stripe.com/error-codes/${code.replaceAll('_', '-')}` } : {};
    return { error: { type, message, ...about, ...(param !== undefined && { param }) } };
  }
}

export const invalid = (message: string, param?: string, code?: string): Refusal =>
  new Refusal(400, message, { ...(param !== undefined && { param }), ...(code !== undefined && { code }) });

export const missingParameter = (param: string): Refusal =>
  invalid(`Missing required param: ${param}.`, param, 'parameter_missing');

export const noSuch = (kind: string, id: string, param = 'id', status = 404): Refusal =>
  new Refusal(status, `No such ${kind}: '${id}'`, { code: 'resource_missing', param });
