// How much of a migrating VM stands at the target.
export function ProgressRing({ progress, label }: { progress: number; label: string }) {
  const radius = 15;
  const around = 2 * Math.PI * radius;
  return (
    <svg
      className="tv-ring"
      width="40"
      height="40"
      viewBox="0 0 40 40"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(progress * 100)}
    >
      <circle cx="20" cy="20" r={radius} className="tv-ring-track" />
      <circle
        cx="20"
        cy="20"
        r={radius}
        className="tv-ring-value"
        strokeDasharray={around}
        strokeDashoffset={around * (1 - progress)}
        transform="rotate(-90 20 20)"
      />
      <text x="20" y="23.5" textAnchor="middle">
        {Math.round(progress * 100)}
      </text>
    </svg>
  );
}
