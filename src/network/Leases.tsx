// The addresses that DHCP has given out.
import { formatDuration } from '../format/format.ts';
import { responderOf } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';

export function Leases() {
  const networks = useConsole((state) => state.networks);
  const found = responderOf(networks);
  const { leases = [], domain } = found?.responder ?? {};
  return (
    <section className="tv-panel" aria-label="DHCP leases">
      <h2>DHCP leases</h2>
      {leases.length === 0 ? (
        <p className="tv-quiet">None yet: a guest with a network card asks for an address when it starts.</p>
      ) : (
        <table className="tv-table">
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col">Name in DNS</th>
              <th scope="col">MAC address</th>
              <th scope="col">Ends</th>
            </tr>
          </thead>
          <tbody>
            {leases.map(({ address, mac, name, expiresAt }) => (
              <tr key={address}>
                <td className="tv-mono">{address}</td>
                <td title={name}>{name ? `${name}.${domain}` : <span className="tv-quiet">–</span>}</td>
                <td className="tv-mono">{mac}</td>
                <td>{expiresAt > Date.now() ? `in ${formatDuration(expiresAt - Date.now())}` : 'ended'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
