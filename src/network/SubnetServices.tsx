// Who answers DHCP and DNS for the subnet, with what, and how many addresses are left.
import { Alert, Button } from '@patternfly/react-core';
import { type Fact, Facts, PlainFacts } from '../components/Facts.tsx';
import { formatCount } from '../format/format.ts';
import { releaseUnusedLeases } from '../operations/network-operations.ts';
import { openDialog } from '../operations/view-operations.ts';
import { POOL_WORDS, poolInWords, poolState } from '../state/address-pool.ts';
import { useHostName } from '../state/hooks.ts';
import { responderOf } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';

const TITLE = 'Addresses and names';

export function SubnetServices() {
  const found = responderOf(useConsole((state) => state.networks));
  const host = useHostName(found?.hostId ?? '');
  if (!found) return <Facts title={TITLE} facts={[['Answered by', 'no host yet']]} />;
  const { address, prefixLength, domain, leases, pool } = found.responder;
  const facts: Fact[] = [
    ['DHCP and DNS answered by', host],
    ['Server and gateway', `${address}/${prefixLength}`],
    ['Names', `NAME.${domain}`],
    ['Leases', formatCount(leases.length)],
    ['Addresses', poolInWords(pool)],
  ];
  if (pool.unanswered > 0) facts.push(['Requests that found none', formatCount(pool.unanswered)]);
  return (
    <section className="tv-panel" aria-label={TITLE}>
      <h2>{TITLE}</h2>
      <PoolAlert pool={pool} />
      <PlainFacts facts={facts} />
      <div className="tv-panel-actions">
        <Button size="sm" variant="secondary" onClick={() => openDialog({ kind: 'address-pool' })}>
          Address pool
        </Button>
        <Button
          size="sm"
          variant="secondary"
          title="Takes back the addresses of cards that no host has and that do not answer"
          onClick={() => void releaseUnusedLeases()}
        >
          Release unused
        </Button>
      </div>
    </section>
  );
}

function PoolAlert({ pool }: { pool: Parameters<typeof poolState>[0] }) {
  const state = poolState(pool);
  if (state === 'room') return null;
  return (
    <Alert
      isInline
      isLiveRegion
      variant={state === 'full' ? 'danger' : 'warning'}
      component="h3"
      title={POOL_WORDS[state]}
    >
      Release those that are not in use, or enlarge the pool.
    </Alert>
  );
}
