import { useEffect } from 'react';

/** The tab's title while a page is on screen. */
export const useTitle = (title: string): void => {
  useEffect(() => {
    document.title = title ? `${title} · Unlabeled` : 'Unlabeled';
  }, [title]);
};
