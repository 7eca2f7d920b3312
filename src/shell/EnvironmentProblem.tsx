// Shown instead of the console where this browser, or the way the page is served, cannot run hosts.
import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';

export function EnvironmentProblem({ problem }: { problem: string }) {
  return (
    <EmptyState
      titleText="tabvisor cannot run here"
      headingLevel="h1"
      icon={ExclamationTriangleIcon}
      status="warning"
      isFullHeight
    >
      <EmptyStateBody>{problem}</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button variant="secondary" onClick={() => location.reload()}>
            Reload
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
