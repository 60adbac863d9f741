import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Problem } from './Notice.tsx';

type Props = { readonly what: string; readonly children: ReactNode };

/** Keeps a part that breaks from taking the page, and the run on it, along. */
export class Guarded extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null };
  static getDerivedStateFromError = (error: unknown) => ({ error });
  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Problem
        failure={{ message: `${this.props.what} could not be shown.`, advice: error instanceof Error ? error.message : String(error) }}
      >
        <Button size="xs" variant="default" onClick={() => this.setState({ error: null })}>
          Try again
        </Button>
      </Problem>
    );
  }
}
