// The switch of one host: its uplink, and the ports with what passed them.
import { Button } from '@patternfly/react-core';
import { openCapture } from '../capture/captures.ts';
import { formatBytes, formatMagnitude, formatRate } from '../format/format.ts';
import { useHostName } from '../state/hooks.ts';
import { type NetworkView, portKey } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';
import { Drops } from './Drops.tsx';
import { Traffic, TrafficHeads } from './Traffic.tsx';

/** @param tab key of the tab where a capture is to appear */
export function HostPorts({ hostId, tab }: { hostId: string; tab: string }) {
  const view = useConsole((state) => state.networks[hostId]);
  const name = useHostName(hostId);
  if (!view) return null;
  const { ports } = view.status;
  return (
    <section className="tv-panel" aria-label={`Switch of ${name}`}>
      <header className="tv-panel-header">
        <h2>{name}</h2>
        <Uplink view={view} />
        <Button size="sm" variant="secondary" onClick={() => openCapture(tab, { hostId, scope: {}, label: name })}>
          Capture on {name}
        </Button>
      </header>
      <div className="tv-wide-table">
        <table className="tv-table">
          <thead>
            <tr>
              <th scope="col">Port</th>
              <th scope="col">MAC address</th>
              <th scope="col">Port group</th>
              <TrafficHeads sent="Frames / bytes sent" received="Received" />
              <th scope="col" className="tv-drops">
                Dropped frames
              </th>
            </tr>
          </thead>
          <tbody>
            {ports.map((port) => {
              const { counters } = port;
              const rates = view.rates[portKey(port)];
              return (
                <tr key={portKey(port)}>
                  <td title={port.name}>{port.name}</td>
                  <td className="tv-mono">{port.mac ?? <span className="tv-quiet">–</span>}</td>
                  <td title={port.portGroup}>{port.portGroup}</td>
                  <Traffic
                    frames={counters.transmittedFrames}
                    bytes={counters.transmittedBytes}
                    mbits={rates?.transmittedMbits}
                  />
                  <Traffic
                    frames={counters.receivedFrames}
                    bytes={counters.receivedBytes}
                    mbits={rates?.receivedMbits}
                  />
                  <Drops drops={counters.drops} />
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Uplink({ view }: { view: NetworkView }) {
  const { sentFrames, sentBytes, receivedFrames, receivedBytes, lost, queueFull, superseded, mbits, migrations } =
    view.status.uplink;
  const figures: [string, string, isBad?: boolean][] = [
    ['Guests out', formatRate(mbits)],
    ['in', formatRate(view.uplinkRates?.receivedMbits ?? 0)],
    ['sent', `${formatMagnitude(sentFrames)} frames, ${formatBytes(sentBytes)}`],
    ['received', `${formatMagnitude(receivedFrames)} frames, ${formatBytes(receivedBytes)}`],
    ['lost on the line', formatMagnitude(lost), lost > 0],
    ['queue full', formatMagnitude(queueFull), queueFull > 0],
    ...(superseded > 0
      ? [['from a former holder', formatMagnitude(superseded), true] as [string, string, boolean]]
      : []),
  ];
  const moves: [string, string][] = [
    ['Migrations out', formatRate(migrations.sentMbits)],
    ['in', formatRate(migrations.receivedMbits)],
    ['sent', formatBytes(migrations.sentBytes)],
    ['received', formatBytes(migrations.receivedBytes)],
  ];
  return (
    <>
      <Figures figures={figures} />
      <Figures figures={moves} />
    </>
  );
}

function Figures({ figures }: { figures: [string, string, isBad?: boolean][] }) {
  return (
    <dl className="tv-inline-figures">
      {figures.map(([label, value, isBad]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className={isBad ? 'tv-warn-text' : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
