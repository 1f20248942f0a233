import type {
  APIApplicationCommandAutocompleteInteraction,
  APIChatInputApplicationCommandInteraction,
  APIMessageComponentInteraction,
  APIModalSubmitInteraction,
  GatewayIdentifyData,
  GatewayReadyDispatchData,
  GatewayResumeData,
} from 'discord-api-types/v10';

/** The gateway payloads that become JSON Schema, under short names. */
export type Ready = GatewayReadyDispatchData;
export type Identify = GatewayIdentifyData;
export type Resume = GatewayResumeData;
export type Command = APIChatInputApplicationCommandInteraction;
export type Component = APIMessageComponentInteraction;
export type Autocomplete = APIApplicationCommandAutocompleteInteraction;
export type Modal = APIModalSubmitInteraction;
