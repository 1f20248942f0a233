import { UserError } from '../../core/errors.ts';
import { askArchive, latestArchive, removeArchive, sendArchiveAgain } from '../../core/privacy/archives.ts';
import { holdingsOf } from '../../core/privacy/export/holdings.ts';
import { againReply, askedReply, choiceReply, removedReply } from '../../core/texts/archives.ts';
import { defineCommand } from '../command.ts';

const NONE =
  'I cannot find that archive among yours; it may be gone already. /privacy export makes a new one. Nothing was charged.';

export const exportData = defineCommand({
  name: 'export',
  about: 'Take a copy of everything about you with you',
  private: true,
  whileLeaving: true,
  options: {
    content: {
      type: 'choice',
      about: 'Everything, or without videos and pictures',
      choices: [
        { value: 'all', label: 'Everything' },
        { value: 'data', label: 'Data only' },
      ],
    },
    send: { type: 'text', about: 'Which archive to send once more', max: 22, hidden: true },
    remove: { type: 'text', about: 'Which archive to remove', max: 22, hidden: true },
  },
  async run({ app, account, place, options, id, at }) {
    if (options.remove) {
      if (!(await removeArchive(app, account.id, options.remove, at))) throw new UserError('not_yours', NONE);
      return removedReply();
    }
    if (options.send) {
      const archive = await sendArchiveAgain(app, { account, place, archive: options.send, at });
      if (!archive) throw new UserError('not_yours', NONE);
      return againReply(archive);
    }
    if (options.content) {
      const { is, archive } = await askArchive(app, { account, place, content: options.content, at, id });
      return askedReply(is, archive);
    }
    return choiceReply(await holdingsOf(app, account.id), await latestArchive(app, account.id, at));
  },
});
