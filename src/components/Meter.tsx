// A thin bar of parts of a whole, with its figures beside it in words.
import './Meter.css';

export interface MeterPart {
  /** In the unit of `total`. */
  value: number;
  kind: 'used' | 'busy' | 'ready';
}

interface MeterProps {
  label: string;
  /** The figures as text, also for screen readers: "128 of 512 MiB". */
  text: string;
  parts: MeterPart[];
  total: number;
}

export function Meter({ label, text, parts, total }: MeterProps) {
  const used = parts.reduce((sum, part) => sum + part.value, 0);
  return (
    <div className="tv-meter">
      <span className="tv-meter-label">{label}</span>
      {/* biome-ignore lint/a11y/useSemanticElements: a <meter> cannot be drawn as several parts */}
      <span
        className="tv-meter-bar"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={Math.min(used, total)}
        aria-valuetext={text}
      >
        {parts.map((part) => (
          <span
            key={part.kind}
            className={`tv-meter-part tv-meter-${part.kind}`}
            style={{ width: `${total > 0 ? Math.min(100, (part.value / total) * 100) : 0}%` }}
          />
        ))}
      </span>
      <span className="tv-meter-text" aria-hidden="true">
        {text}
      </span>
    </div>
  );
}
