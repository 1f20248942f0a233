export { type DiscordBot, startDiscord } from './gateway.ts';
export { complaintsAboutMenu } from './menu.ts';
export { createPremiumRail } from './premium.ts';
export { createDiscordRemove } from './remove.ts';
export { createDiscordSend } from './send.ts';
