import '@mantine/core/styles.css';
import './app/global.css';
import { MantineProvider } from '@mantine/core';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { router } from './app/router.tsx';
import { cssVariables, theme } from './app/theme.ts';
import { keepSite } from './app/updates.ts';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <RouterProvider router={router} />
    </MantineProvider>
  </StrictMode>,
);

// After what the reader came for; where it fails, the site only needs its server.
if (import.meta.env.PROD) addEventListener('load', () => setTimeout(() => void keepSite().catch(() => {}), 3000));
