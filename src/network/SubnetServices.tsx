// Who answers DHCP and DNS for the subnet, and with what.
import { Facts } from '../components/Facts.tsx';
import { formatCount } from '../format.ts';
import { useHostName } from '../state/hooks.ts';
import { responderOf } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';

export function SubnetServices() {
  const found = responderOf(useConsole((state) => state.networks));
  const host = useHostName(found?.hostId ?? '');
  if (!found) return <Facts title="Addresses and names" facts={[['Answered by', 'no host yet']]} />;
  const { address, prefixLength, domain, leases } = found.responder;
  return (
    <Facts
      title="Addresses and names"
      facts={[
        ['DHCP and DNS answered by', host],
        ['Server and gateway', `${address}/${prefixLength}`],
        ['Names', `NAME.${domain}`],
        ['Leases', formatCount(leases.length)],
      ]}
    />
  );
}
