// One figure of a migration's report under its name.
interface ReportFigureProps {
  label: string;
  value: string;
  isMain?: boolean;
}

export function ReportFigure({ label, value, isMain = false }: ReportFigureProps) {
  return (
    <div className={isMain ? 'tv-report-main' : undefined}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
