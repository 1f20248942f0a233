import type { APIApplicationCommand } from 'discord-api-types/v10';
import { commandsForm } from '../forms/commands.ts';
import { checked } from '../forms/form.ts';
import { isRecord } from '../json.ts';
import { changed, type World } from '../world.ts';
import { type Answer, refusal } from './refusals.ts';

const DAY_MS = 24 * 3600_000;

type Definition = Record<string, unknown> & { name: string; type?: number };

function requireOwn(world: World, application: string | undefined): void {
  if (application !== world.applicationId) throw refusal(20012);
}

/** PUT /applications/:id/commands: replaces all. Only names that are new count as created that day. */
export function replaceCommands(world: World, [application]: readonly string[], json: unknown): Answer {
  requireOwn(world, application);
  const definitions = checked<Definition[]>(commandsForm, json);
  if (definitions.filter((each) => (each.type ?? 1) === 1).length > 100) throw refusal(30032);
  const known = (each: Definition) => world.commands.find((old) => old.name === each.name && old.type === (each.type ?? 1));
  const created = definitions.filter((each) => !known(each)).length;
  world.creations = world.creations.filter((at) => world.now() - at < DAY_MS);
  if (created > 0 && world.creations.length + created > world.knobs.commandCreationsPerDay) {
    const wait = world.creations.length === 0 ? DAY_MS : Math.min(...world.creations) + DAY_MS - world.now();
    throw refusal(30034, { retry_after: wait / 1000, global: false });
  }
  world.creations.push(...Array.from({ length: created }, () => world.now()));
  world.commands = definitions.map((each) => registered(world, each, known(each)));
  for (const channel of world.channels.values()) changed(channel);
  return { status: 200, body: world.commands };
}

function registered(world: World, definition: Definition, old: APIApplicationCommand | undefined): APIApplicationCommand {
  const given = withoutNulls(definition);
  const command = {
    type: 1,
    description: '',
    default_member_permissions: null,
    nsfw: false,
    contexts: null,
    integration_types: [0],
    name_localizations: null,
    description_localizations: null,
    ...(isRecord(given) ? given : {}),
    id: old?.id ?? world.id(),
    application_id: world.applicationId,
  };
  const same = old && JSON.stringify({ ...command, version: old.version }) === JSON.stringify(old);
  return { ...command, version: same ? old.version : world.id() } as unknown as APIApplicationCommand; // the form has checked it
}

/** Null means "not given" in definitions, and is left out of what is shown. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutNulls(inner)]));
}

/** GET /applications/:id/commands; words of other languages only when asked for. */
export function listCommands(world: World, [application]: readonly string[], query: Record<string, string>): Answer {
  requireOwn(world, application);
  if (query.with_localizations === 'true') return { status: 200, body: world.commands };
  return { status: 200, body: world.commands.map(withoutLocalisations) };
}

function withoutLocalisations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLocalisations);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !name.endsWith('_localizations'));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutLocalisations(inner)]));
}
