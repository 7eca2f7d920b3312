// Lists of names and values.
import './Facts.css';

export type Fact = [name: string, value: string];

/** A panel with a title. */
export function Facts({ title, facts }: { title: string; facts: Fact[] }) {
  return (
    <section className="tv-panel tv-facts" aria-label={title}>
      <h2>{title}</h2>
      <FactList facts={facts} />
    </section>
  );
}

/** Part of a panel. */
export function PlainFacts({ facts }: { facts: Fact[] }) {
  return (
    <div className="tv-facts">
      <FactList facts={facts} />
    </div>
  );
}

function FactList({ facts }: { facts: Fact[] }) {
  return (
    <dl>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
