// One direction of a port in a table's cell: frames and bytes so far, and the rate now.
import { formatBytes, formatMagnitude, formatRate } from '../format/format.ts';

interface TrafficProps {
  frames: number;
  bytes: number;
  /** Mbit/s; undefined before there are two reports. */
  mbits: number | undefined;
}

export function Traffic({ frames, bytes, mbits }: TrafficProps) {
  return (
    <td className="tv-traffic">
      {formatMagnitude(frames)} <span className="tv-quiet">/ {formatBytes(bytes)}</span>
      <span className="tv-traffic-rate">{mbits ? formatRate(mbits) : '–'}</span>
    </td>
  );
}

export function TrafficHeads({ sent, received }: { sent: string; received: string }) {
  return [sent, received].map((direction) => (
    <th key={direction} scope="col" className="tv-traffic">
      {direction} <span className="tv-traffic-rate">now</span>
    </th>
  ));
}
