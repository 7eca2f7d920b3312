// A titled list of names and values.
import './Facts.css';

export function Facts({ title, facts }: { title: string; facts: [string, string][] }) {
  return (
    <section className="tv-panel tv-facts" aria-label={title}>
      <h2>{title}</h2>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
