import type { Warning } from '@bud-monitoring/contracts';
import './warnings.css';

/** What the API says is missing, partial or doubtful in its answer. Nothing where nothing is. */
export function Warnings({ warnings }: { warnings: readonly Warning[] }) {
  if (warnings.length === 0) return null;
  const many = `${warnings.length} warning${warnings.length === 1 ? '' : 's'} about these figures`;
  return (
    <details class="warnings" open={warnings.length <= 2}>
      <summary>{many}</summary>
      <ul>
        {warnings.map(({ code, message, nodes }) => (
          <li key={`${code} ${message}`}>
            {message}
            {nodes && nodes.length > 0 && <span class="soft"> {nodes.join(', ')}</span>}{' '}
            <code class="warnings-code">{code}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
