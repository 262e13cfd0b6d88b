import type { SupportBundle } from '../model/support-bundle.ts';
import { forbidden } from './denial.ts';
import type { Webhook } from './webhook.ts';

const atAnEnd = ['Error', 'Purging', 'Deleting', 'Replaced', 'ReadyForDownload'];
const limit = 'support-bundle-failed-history-limit';

/** One at a time. Source: longhorn-manager:webhook/resources/supportbundle/validator.go@v1.8.0..v1.11.3. */
export const supportBundleWebhook: Webhook<SupportBundle> = {
  validateCreate(cluster) {
    const bundles = cluster.supportBundles.list();
    const stateOf = ({ status }: SupportBundle): string => status?.state ?? '';
    const busy = bundles.find((bundle) => !atAnEnd.includes(stateOf(bundle)));
    if (busy !== undefined) {
      throw forbidden(
        `please try again later. Another ${bundles[0]?.metadata.name ?? ''} is in ${stateOf(busy)} phase`,
      );
    }
    const most = cluster.settings.number(limit);
    if (most > 0 && bundles.filter((bundle) => stateOf(bundle) === 'Error').length >= most) {
      throw forbidden(
        `exceeded ${limit} setting value ${String(most)}, please increase the limit or remove some failed SupportBundles. You can also set the limit to 0 to automatically clean up all the failed SupportBundles`,
      );
    }
  },
};
