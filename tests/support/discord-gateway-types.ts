import type {
  APIApplicationCommandAutocompleteInteraction,
  APIChatInputApplicationCommandInteraction,
  APIEntitlement,
  APIMessageComponentInteraction,
  APIModalSubmitInteraction,
  APISKU,
  APISubscription,
  GatewayIdentifyData,
  GatewayReadyDispatchData,
  GatewayResumeData,
} from 'discord-api-types/v10';

/** The payloads that become JSON Schema, under short names: the gateway's, and those that the OpenAPI document lacks. */
export type Ready = GatewayReadyDispatchData;
export type Identify = GatewayIdentifyData;
export type Resume = GatewayResumeData;
export type Command = APIChatInputApplicationCommandInteraction;
export type Component = APIMessageComponentInteraction;
export type Autocomplete = APIApplicationCommandAutocompleteInteraction;
export type Modal = APIModalSubmitInteraction;
export type Entitlement = APIEntitlement;
export type Subscription = APISubscription;
export type Sku = APISKU;
