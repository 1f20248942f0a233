import * as spec from 'discord-api-spec/zod';
import { array, lazy, record, strictObject, string, union, type ZodMiniType } from 'zod/mini';
import type { Exchange } from '../../simulator/discord/index.ts';
import { checkGatewayType, type GatewayType } from './discord-gateway-schema.ts';

/** Judges REST by Discord's own OpenAPI document and the gateway by discord-api-types: neither was written here. */
interface Judged {
  method: string;
  path: RegExp;
  request?: ZodMiniType | ((json: unknown) => ZodMiniType | undefined);
  answer?: ZodMiniType | ((answer: unknown) => string[]);
}

const COMMANDS = /^\/applications\/\d+\/commands$/;
const THROUGH = /^\/webhooks\/\d+\/[\w-]+\/messages\/(?:@original|\d+)$/;
const MESSAGES = /^\/channels\/\d+\/messages$/;
const MESSAGE = /^\/channels\/\d+\/messages\/\d+$/;
const message = spec.MessageResponseSchema;
const ENTITLEMENTS = /^\/applications\/\d+\/entitlements$/;
const ENTITLEMENT = /^\/applications\/\d+\/entitlements\/\d+$/;
const SUBSCRIPTIONS = /^\/skus\/\d+\/subscriptions$/;

/** The document knows two types of entitlements only, discord-api-types all of them: each judges what it can. */
function entitlement(answer: unknown): string[] {
  return [...judge(spec.EntitlementResponseSchema, { ...Object(answer), type: 8 }), ...checkGatewayType('Entitlement', answer)];
}

/** A test entitlement is shown without its times (docs: resources/entitlement). */
function testEntitlement(answer: unknown): string[] {
  const times = ['starts_at', 'ends_at'].filter((name) => name in Object(answer));
  const complaints = times.map((name) => `${name} is not part of a test entitlement`);
  return [...complaints, ...entitlement({ ...Object(answer), starts_at: null, ends_at: null })];
}

const each =
  (check: (item: unknown) => string[]) =>
  (answer: unknown): string[] =>
    Array.isArray(answer) ? answer.flatMap(check) : ['the answer is no list'];

const ROUTES: readonly Judged[] = [
  { method: 'GET', path: /^\/gateway$/, answer: spec.GatewayResponseSchema },
  { method: 'GET', path: /^\/gateway\/bot$/, answer: spec.GatewayBotResponseSchema },
  { method: 'GET', path: /^\/users\/@me$/, answer: spec.UserPIIResponseSchema },
  { method: 'GET', path: /^\/applications\/@me$/, answer: spec.PrivateApplicationResponseSchema },
  { method: 'GET', path: COMMANDS, answer: array(spec.ApplicationCommandResponseSchema) },
  {
    method: 'PUT',
    path: COMMANDS,
    request: array(spec.ApplicationCommandUpdateRequestSchema),
    answer: array(spec.ApplicationCommandResponseSchema),
  },
  {
    method: 'POST',
    path: /^\/interactions\/\d+\/[\w-]+\/callback$/,
    request: (json) => CALLBACKS[String(Object(json).type)],
    answer: spec.InteractionCallbackResponseSchema,
  },
  { method: 'POST', path: /^\/webhooks\/\d+\/[\w-]+$/, request: spec.IncomingWebhookRequestPartialSchema, answer: message },
  { method: 'GET', path: THROUGH, answer: message },
  { method: 'PATCH', path: THROUGH, request: spec.IncomingWebhookUpdateRequestPartialSchema, answer: message },
  { method: 'DELETE', path: THROUGH },
  {
    method: 'POST',
    path: /^\/users\/@me\/channels$/,
    request: spec.CreatePrivateChannelRequestSchema,
    answer: spec.PrivateChannelResponseSchema,
  },
  { method: 'GET', path: MESSAGES, answer: array(message) },
  { method: 'POST', path: MESSAGES, request: spec.MessageCreateRequestSchema, answer: message },
  { method: 'GET', path: MESSAGE, answer: message },
  { method: 'PATCH', path: MESSAGE, request: spec.MessageEditRequestPartialSchema, answer: message },
  { method: 'DELETE', path: MESSAGE },
  // the document lacks this route
  { method: 'GET', path: /^\/applications\/\d+\/skus$/, answer: each((sku) => checkGatewayType('Sku', sku)) },
  { method: 'GET', path: ENTITLEMENTS, answer: each(entitlement) },
  { method: 'POST', path: ENTITLEMENTS, request: spec.CreateEntitlementRequestDataSchema, answer: testEntitlement },
  { method: 'GET', path: ENTITLEMENT, answer: entitlement },
  { method: 'DELETE', path: ENTITLEMENT },
  { method: 'POST', path: /^\/applications\/\d+\/entitlements\/\d+\/consume$/ },
  { method: 'GET', path: SUBSCRIPTIONS, answer: array(spec.SubscriptionResponseSchema) },
  { method: 'GET', path: /^\/skus\/\d+\/subscriptions\/\d+$/, answer: spec.SubscriptionResponseSchema },
];

const CALLBACKS: Record<string, ZodMiniType> = {
  4: spec.CreateMessageInteractionCallbackRequestSchema,
  5: spec.CreateMessageInteractionCallbackRequestSchema,
  6: spec.UpdateMessageInteractionCallbackRequestSchema,
  7: spec.UpdateMessageInteractionCallbackRequestSchema,
  8: spec.ApplicationCommandAutocompleteCallbackRequestSchema,
  9: spec.ModalInteractionCallbackRequestSchema,
};

/** Documented fields that the OpenAPI document leaves out (docs: application commands, `nsfw`). */
const UNLISTED = ['nsfw'];

/** `extra` are values that an unknown field may have. */
function judge(schema: ZodMiniType, value: unknown, ...extra: unknown[]): string[] {
  const result = schema.safeParse(value);
  if (!result.success) return result.error.issues.slice(0, 6).map((issue) => `${issue.path.join('.')} ${issue.message}`);
  return strangers(value, result.data, '', extra);
}

/** Fields that the schema does not know: reading dropped them. */
function strangers(value: unknown, known: unknown, path: string, extra: unknown[]): string[] {
  if (typeof value !== 'object' || value === null || typeof known !== 'object' || known === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = path ? `${path}.${name}` : name;
    if (inner === undefined || UNLISTED.includes(name)) return [];
    if (!(name in known) && extra.includes(inner)) return [];
    return name in known ? strangers(inner, Reflect.get(known, name), here, extra) : [`${here} is an unknown field`];
  });
}

function routeOf(method: string, path: string): Judged | undefined {
  return ROUTES.find((route) => route.method === method && route.path.test(path));
}

/** Complaints about a request's JSON; none when it is valid. `path` is without /api/v10. */
export function checkRequest(method: string, path: string, json: unknown): string[] {
  const route = routeOf(method, path);
  if (!route) return [`${method} ${path} is not a route that is known here`];
  if (!route.request) return json === undefined ? [] : [`${method} ${path} takes no body`];
  const schema = typeof route.request === 'function' ? route.request(json) : route.request;
  // discord.js says false of what a route does not know
  return schema ? judge(schema, json, false) : ['unknown type of callback'];
}

/** Complaints about an answer. Nothing is promised about the bodies of 5xx, and a broken connection has none. */
export function checkAnswer(method: string, path: string, status: number, body: unknown): string[] {
  if (status === 0 || status >= 500) return [];
  // the code is there for some limits only (docs: topics/rate-limits)
  if (status === 429) return judge(spec.RatelimitedResponseSchema, { code: 0, ...Object(body) });
  if (status >= 400) {
    const { errors, ...rest } = Object(body);
    return [...judge(spec.ErrorResponseSchema, rest), ...(errors === undefined ? [] : judge(FORM_ERRORS, errors))];
  }
  if (status === 204) return body === undefined ? [] : ['204 has no body'];
  const answer = routeOf(method, path)?.answer;
  if (typeof answer === 'function') return answer(body);
  return answer ? judge(answer, body) : [`${method} ${path} answers with ${status} unexpectedly`];
}

/** The document has numbers for these codes; Discord's own examples, and Discord, have words (docs: reference, error messages). */
const FORM_ERRORS: ZodMiniType = union([
  strictObject({ _errors: array(strictObject({ code: string(), message: string() })) }),
  record(
    string(),
    lazy(() => FORM_ERRORS),
  ),
]);

const EVENTS: Record<string, GatewayType> = {
  READY: 'Ready',
  ENTITLEMENT_CREATE: 'Entitlement',
  ENTITLEMENT_UPDATE: 'Entitlement',
  ENTITLEMENT_DELETE: 'Entitlement',
  SUBSCRIPTION_CREATE: 'Subscription',
  SUBSCRIPTION_UPDATE: 'Subscription',
};
const KINDS: Record<string, GatewayType> = { 2: 'Command', 3: 'Component', 4: 'Autocomplete', 5: 'Modal' };

/** Complaints about what the gateway dispatched. */
export function checkGateway(t: string, d: unknown): string[] {
  if (t === 'RESUMED') return [];
  const type = t === 'INTERACTION_CREATE' ? KINDS[String(Object(d).type)] : EVENTS[t];
  return type ? checkGatewayType(type, d) : [`${t} is not an event that is known here`];
}

const SENT: Record<number, GatewayType> = { 2: 'Identify', 6: 'Resume' };

function checkExchange(exchange: Exchange): string[] {
  if (exchange.kind === 'rest') {
    const { method, path, json, status, answer } = exchange;
    const asked = checkRequest(method, path, json).map((words) => `request ${words}`);
    return [...asked, ...checkAnswer(method, path, status, answer).map((words) => `answer ${status} ${words}`)].map(
      (words) => `${method} ${path}: ${words}`,
    );
  }
  const { from, op, t, d } = exchange;
  const sent = from === 'bot' ? SENT[op] : undefined;
  if (sent) return checkGatewayType(sent, d).map((words) => `sent op ${op}: ${words}`);
  return op === 0 && t ? checkGateway(t, d).map((words) => `${t}: ${words}`) : [];
}

export interface Watch {
  /** Hand it to the simulator. */
  onTraffic(exchange: Exchange): void;
  /** Everything that was wrong, and stays so: `expect(watch.complaints).toEqual([])`. */
  readonly complaints: string[];
  /** How many payloads were judged. */
  seen(): number;
}

/** Judges all traffic of one simulator: `createDiscordSimulator({ onTraffic: watch.onTraffic })`. */
export function watchDiscord(): Watch {
  const complaints: string[] = [];
  let seen = 0;
  return {
    complaints,
    seen: () => seen,
    onTraffic(exchange) {
      seen += 1;
      complaints.push(...checkExchange(exchange));
    },
  };
}
