// Figures side by side, each under its name.
import type { Figure } from './figures.ts';

export function FigureList({ figures }: { figures: Figure[] }) {
  return (
    <dl className="tv-figures">
      {figures.map(({ label, value, isBad }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className={isBad ? 'tv-figure-bad' : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
