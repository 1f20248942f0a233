import type { Upload } from '../messages/messages.ts';
import { newUser, type World } from '../world.ts';
import { answerInteraction } from './callbacks.ts';
import { listMessages, openDirect, patchMessage, postMessage, readMessage, removeMessage } from './channels.ts';
import { listCommands, replaceCommands } from './commands.ts';
import {
  consumeEntitlement,
  createTestEntitlement,
  deleteTestEntitlement,
  listEntitlements,
  readEntitlement,
} from './entitlements.ts';
import { type Answer, statusRefusal } from './refusals.ts';
import { listSkus, listSubscriptions, readSubscription } from './skus.ts';
import { deleteThrough, editThrough, followUp, readThrough } from './webhooks.ts';

export interface RouteRequest {
  json: unknown;
  uploads: readonly Upload[];
  query: Record<string, string>;
}

export interface Route {
  method: string;
  /** `:name` stands for one part of the path. */
  path: string;
  /** How many leading `:name`s make a rate-limit bucket of their own. */
  majors: number;
  /** Needs the bot's token. */
  token: boolean;
  answer(world: World, params: readonly string[], request: RouteRequest): Answer;
}

const ORIGINAL = '/webhooks/:application/:token/messages/:message';
const MESSAGE = '/channels/:channel/messages/:message';
const COMMANDS = '/applications/:application/commands';
const ENTITLEMENTS = '/applications/:application/entitlements';
const ENTITLEMENT = '/applications/:application/entitlements/:entitlement';
const SUBSCRIPTIONS = '/skus/:sku/subscriptions';

const ROUTES: readonly Route[] = [
  get('/gateway', 0, (world) => ({ status: 200, body: { url: world.address('ws') } }), false),
  get('/gateway/bot', 0, gatewayBot),
  get('/users/@me', 0, (world) => ({ status: 200, body: { ...world.bot, mfa_enabled: true, locale: 'en-US' } })),
  get('/applications/@me', 0, application),
  get(COMMANDS, 1, (world, params, { query }) => listCommands(world, params, query)),
  {
    method: 'PUT',
    path: COMMANDS,
    majors: 1,
    token: true,
    answer: (world, params, { json }) => replaceCommands(world, params, json),
  },
  { method: 'POST', path: '/interactions/:id/:token/callback', majors: 2, token: false, answer: callback },
  { method: 'POST', path: '/webhooks/:application/:token', majors: 2, token: false, answer: followUp },
  get(ORIGINAL, 2, readThrough, false),
  { method: 'PATCH', path: ORIGINAL, majors: 2, token: false, answer: editThrough },
  { method: 'DELETE', path: ORIGINAL, majors: 2, token: false, answer: deleteThrough },
  {
    method: 'POST',
    path: '/users/@me/channels',
    majors: 0,
    token: true,
    answer: (world, _, request) => openDirect(world, request),
  },
  get('/channels/:channel/messages', 1, listMessages),
  { method: 'POST', path: '/channels/:channel/messages', majors: 1, token: true, answer: postMessage },
  get(MESSAGE, 1, readMessage),
  { method: 'PATCH', path: MESSAGE, majors: 1, token: true, answer: patchMessage },
  { method: 'DELETE', path: MESSAGE, majors: 1, token: true, answer: removeMessage },
  get('/applications/:application/skus', 1, listSkus),
  get(ENTITLEMENTS, 1, (world, params, { query }) => listEntitlements(world, params, query)),
  {
    method: 'POST',
    path: ENTITLEMENTS,
    majors: 1,
    token: true,
    answer: (world, params, { json }) => createTestEntitlement(world, params, json),
  },
  get(ENTITLEMENT, 1, readEntitlement),
  { method: 'DELETE', path: ENTITLEMENT, majors: 1, token: true, answer: deleteTestEntitlement },
  { method: 'POST', path: `${ENTITLEMENT}/consume`, majors: 1, token: true, answer: consumeEntitlement },
  get(SUBSCRIPTIONS, 1, (world, params, { query }) => listSubscriptions(world, params, query)),
  get(`${SUBSCRIPTIONS}/:subscription`, 1, readSubscription),
];

function get(path: string, majors: number, answer: Route['answer'], token = true): Route {
  return { method: 'GET', path, majors, token, answer };
}

/** The route of a request with the parts that its names stand for; 404 and 405 as Discord words them. */
export function findRoute(method: string, path: string): { route: Route; params: string[] } {
  const found = ROUTES.flatMap((route) => {
    const params = match(route.path, path);
    return params ? [{ route, params }] : [];
  });
  if (found.length === 0) throw statusRefusal(404, 'Not Found');
  const exact = found.find(({ route }) => route.method === method);
  if (!exact) throw statusRefusal(405, 'Method Not Allowed');
  return exact;
}

function match(pattern: string, path: string): string[] | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: string[] = [];
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':') && value !== '') params.push(value);
    else if (part !== value) return undefined;
  }
  return params;
}

function callback(world: World, params: readonly string[], { json, uploads, query }: RouteRequest): Answer {
  return answerInteraction(world, params, { json, uploads, withResponse: query.with_response === 'true' });
}

function gatewayBot(world: World): Answer {
  const { shards, maxConcurrency } = world.knobs;
  const starts = { total: 1000, remaining: 1000, reset_after: 86_400_000, max_concurrency: maxConcurrency };
  return { status: 200, body: { url: world.address('ws'), shards, session_start_limit: starts } };
}

function application(world: World): Answer {
  const body = {
    id: world.applicationId,
    name: world.bot.username,
    icon: null,
    description: '',
    type: null,
    bot: world.bot,
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: world.secret('verify key'),
    flags: 0,
    flags_new: '0',
    tags: [],
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    integration_types_config: { 0: {}, 1: {} },
    approximate_guild_count: [...world.guilds.values()].filter((guild) => guild.hasBot).length,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    eligible_oauth2_scopes: [],
    team: null,
    owner: newUser({ id: () => '100000000000000000' }, 'owner'),
  };
  return { status: 200, body };
}
