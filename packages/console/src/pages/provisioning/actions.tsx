import type { GrafanaDashboard } from '@bud-monitoring/contracts';
import { useState } from 'preact/hooks';
import { useApi } from '../../app/api';
import { Confirm } from '../../parts/page/dialog';
import type { Action } from '../../parts/hooks/use-action';
import './actions.css';
import { actionsFor, type Offer } from './offers';
import { Expiry } from './expiry';

/** What somebody who may change a cluster can do about its dashboards. */
export function Actions(props: {
  id: string;
  /** Null for a cluster that is not known. */
  standing: GrafanaDashboard | null;
  action: Action;
  reload: () => void;
}) {
  const { id, standing, action, reload } = props;
  const { client } = useApi();
  const [asked, ask] = useState<Offer | null>(null);
  const run = async (offer: Offer) => {
    await action.act(async () => {
      await offer.run(client, id);
      return offer.done;
    });
    ask(null);
    reload();
  };
  const offers = actionsFor(standing);
  const buttons = (isOfLink: boolean) =>
    offers
      .filter((offer) => (offer.isOfLink ?? false) === isOfLink)
      .map((offer) => (
        <button
          key={offer.title}
          type="button"
          class="button"
          disabled={action.busy}
          onClick={() => (offer.question === undefined ? void run(offer) : ask(offer))}
        >
          {offer.title}
        </button>
      ));
  return (
    <section aria-label="Actions">
      <div class="actions">{buttons(false)}</div>
      <div class="actions">
        {buttons(true)}
        {standing?.sharing.enabled === true && (
          <Expiry
            busy={action.busy}
            endsAt={standing.sharing.expires_at}
            onChoose={(expiresAt) =>
              void action
                .act(async () => {
                  await client.putSharing(id, { enabled: true, expires_at: expiresAt });
                  return expiresAt === null
                    ? 'The link has no end.'
                    : 'The link ends at that time.';
                })
                .then(reload)
            }
          />
        )}
      </div>
      {asked && (
        <Confirm
          title={`${asked.title}?`}
          action={asked.title}
          busy={action.busy}
          confirm={() => void run(asked)}
          cancel={() => ask(null)}
        >
          <p>{asked.question}</p>
        </Confirm>
      )}
    </section>
  );
}
