import type { APIUser } from 'discord-api-types/v10';
import { walkComponents } from '../forms/components.ts';
import { recordsOf } from '../json.ts';
import type { Channel, Interaction, World } from '../world.ts';
import { type Entry, nestedIn, sentCommand } from './command-data.ts';
import { interact } from './interactions.ts';

export interface OpenModal {
  title: string;
  /** custom_id of every input. */
  inputs: string[];
}

/** What a Discord client does besides commands and buttons. */
export interface Dialogs {
  /** Types into an option with autocomplete; the answer is in `suggestions`. */
  type(command: string, option: string, typed: string): void;
  /** What the latest typing was answered with. */
  suggestions(): { name: string; value: string }[];
  /** The modal that is open, if any. */
  modal(): OpenModal | undefined;
  /** Sends the open modal with a value for each input. */
  submit(values: Record<string, string>): void;
}

/** Autocomplete and modals of one person in one channel. */
export function createDialogs(
  world: World,
  act: { user: APIUser; channel: Channel; userInstallOnly: boolean },
  commandNamed: (name: string) => Entry,
): Dialogs {
  let typing: Interaction | undefined;
  const closed = new Set<Interaction>();

  const opened = (): Interaction | undefined =>
    act.channel.entries
      .flatMap((entry) => ('interaction' in entry ? [entry.interaction] : []))
      .findLast(({ user, answer }) => user.id === act.user.id && answer?.type === 9);

  const open = () => {
    const interaction = opened();
    return interaction && !closed.has(interaction) ? interaction : undefined;
  };

  const inputs = (interaction: Interaction) =>
    walkComponents(interaction.answer?.data.components).filter((component) => component.type === 4);

  return {
    type(name, option, typed) {
      const entry = commandNamed(name);
      const known = entry.options.find((each) => each.name === option);
      if (!known || !('autocomplete' in known && known.autocomplete)) throw new Error(`${option} completes nothing`);
      const options = nestedIn(entry.path, [{ name: option, type: known.type, value: typed, focused: true }]);
      const data = sentCommand(entry.command, options);
      typing = interact(world, { kind: 'autocomplete', data, line: `/${entry.name} ${option}:${typed}`, ...act });
    },

    suggestions: () =>
      recordsOf(typing?.answer?.data.choices).map(({ name, value }) => ({ name: String(name), value: String(value) })),

    modal() {
      const interaction = open();
      if (!interaction) return undefined;
      return {
        title: String(interaction.answer?.data.title),
        inputs: inputs(interaction).map((input) => String(input.custom_id)),
      };
    },

    submit(values) {
      const interaction = open();
      if (!interaction) throw new Error('no modal is open');
      closed.add(interaction);
      const { custom_id: id, components } = interaction.answer?.data ?? {};
      const filled = recordsOf(components).map((component, index) => filledIn(component, index, values));
      const { pressed } = interaction;
      interact(world, {
        kind: 'modal',
        data: { custom_id: id, components: filled },
        line: String(id),
        ...act,
        ...(pressed && { pressed }),
      });
    },
  };
}

/** A row or label of the modal as it is sent back: each input with its value. */
function filledIn(component: Record<string, unknown>, index: number, values: Record<string, string>): Record<string, unknown> {
  const input = (each: Record<string, unknown>, at: number) => {
    const id = String(each.custom_id);
    return { id: at, type: each.type, custom_id: id, ...(each.type === 4 ? { value: values[id] ?? '' } : { values: [] }) };
  };
  const id = index * 2 + 1;
  if (component.type === 18)
    return { type: 18, id, component: recordsOf([component.component]).map((each) => input(each, id + 1))[0] };
  if (component.type === 10) return { type: 10, id };
  return { type: 1, id, components: recordsOf(component.components).map((each) => input(each, id + 1)) };
}
