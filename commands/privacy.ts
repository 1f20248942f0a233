import { defineCommand } from './command.ts';
import { showAccess } from './privacy/access.ts';
import { manageConsents } from './privacy/consents.ts';
import { correctData } from './privacy/correct.ts';
import { deleteData } from './privacy/delete.ts';
import { exportData } from './privacy/export.ts';
import { showPolicies } from './privacy/policies.ts';
import { showPrivacy } from './privacy/show.ts';

/** See, take away, correct, delete, agree, and who looked. Without a second word it shows what is held. */
export const privacy = defineCommand({
  ...showPrivacy,
  name: 'privacy',
  about: 'What is kept about you: see, export, correct or delete it',
  subcommands: [showPrivacy, exportData, deleteData, correctData, manageConsents, showAccess, showPolicies],
});
